mod outside;
mod power;
mod rig;

mod guarded;
mod outside;
mod power;
mod rig;
mod world;

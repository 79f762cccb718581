//! DataTransfer in both directions (1.6 §4.3, 2.0.1 P01/P02), and the job buffer that holds texts on their way.

use super::Station;
use super::calls::{Answer, CallState, Wait};
use super::make::Made;
use crate::contract::{Event, InputError, PollError};
use crate::dialect::{Command, DataTransferStatus};
use crate::time::Instant;
use crate::wire::{Reader, Str};

/// How long the application may take to answer a DataTransfer, in seconds.
const PATIENCE: u32 = 20;

/// What the job buffer is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(super) enum Job {
    Free,
    /// A request whose answer takes several messages.
    Report {
        len: usize,
        step: u32,
        at: Instant,
    },
    /// A DataTransfer of ours: its texts one behind the other.
    DataTransfer {
        vendor: usize,
        message: Option<usize>,
        data: Option<usize>,
    },
    /// The answer of the application to a DataTransfer.
    Answer,
    /// The answer of the CSMS to ours, until the application was told.
    Result {
        status: Option<DataTransferStatus>,
        data: Option<usize>,
    },
}

impl Station<'_> {
    /// The application wants to send something.
    pub(super) fn send_data_transfer(
        &mut self,
        vendor: &str,
        message: Option<&str>,
        data: Option<&str>,
    ) -> Result<(), InputError> {
        if self.job != Job::Free {
            return Err(InputError::Busy);
        }
        let texts = [Some(vendor), message, data];
        let mut rest = &mut *self.buffers.job;
        for text in texts.into_iter().flatten() {
            let (place, behind) = rest.split_at_mut_checked(text.len()).ok_or(InputError::TooLong)?;
            place.copy_from_slice(text.as_bytes());
            rest = behind;
        }
        self.job = Job::DataTransfer {
            vendor: vendor.len(),
            message: message.map(str::len),
            data: data.map(str::len),
        };
        Ok(())
    }

    /// The texts of the DataTransfer in the job buffer.
    pub(super) fn data_transfer_texts(&self) -> Option<(&str, Option<&str>, Option<&str>)> {
        let Job::DataTransfer { vendor, message, data } = self.job else {
            return None;
        };
        let text = |from: usize, len: usize| {
            let bytes = self.buffers.job.get(from..from.checked_add(len)?)?;
            core::str::from_utf8(bytes).ok()
        };
        let behind = vendor.saturating_add(message.unwrap_or(0));
        Some((
            text(0, vendor)?,
            message.and_then(|len| text(vendor, len)),
            data.and_then(|len| text(behind, len)),
        ))
    }

    /// The CSMS sends something for a vendor.
    pub(super) fn data_transfer_arrived(&mut self, vendor: Str<'_>, now: Instant) -> CallState {
        // Vendor ids are reverse DNS names, which have no case.
        let known = |own: &&str| vendor.eq_ignore_case(&Str::plain(own));
        if self.config.data_transfer_vendors.iter().any(known) {
            CallState::Waiting(Wait::DataTransfer {
                told: false,
                deadline: now.plus_secs(PATIENCE),
            })
        } else {
            CallState::Ready(Answer::DataTransfer {
                status: DataTransferStatus::UnknownVendorId,
                text: None,
            })
        }
    }

    /// The application answers.
    pub(super) fn answer_data_transfer(
        &mut self,
        status: DataTransferStatus,
        data: Option<&str>,
    ) -> Result<(), InputError> {
        let Some(Wait::DataTransfer { .. }) = self.call.waits_for() else {
            return Err(InputError::NothingToAnswer);
        };
        if let Some(data) = data {
            if self.job != Job::Free {
                return Err(InputError::Busy);
            }
            let place = self.buffers.job.get_mut(..data.len()).ok_or(InputError::TooLong)?;
            place.copy_from_slice(data.as_bytes());
            self.job = Job::Answer;
        }
        self.call.state = CallState::Ready(Answer::DataTransfer {
            status,
            text: data.map(str::len),
        });
        Ok(())
    }

    /// Keeps what the CSMS answered until the application was told; what is too long is left out.
    pub(super) fn keep_result_data(&mut self, payload: Reader<'_>) {
        let data = payload.find(&["data"]);
        let place = data.and_then(|data| Some((self.buffers.job.get_mut(..data.len())?, data)));
        let len = place.map(|(place, data)| {
            place.copy_from_slice(data.as_bytes());
            data.len()
        });
        self.job = Job::Result {
            status: None,
            data: len,
        };
    }

    pub(super) fn data_transfer_answered(&mut self, answer: Option<DataTransferStatus>) {
        match &mut self.job {
            Job::Result { status, .. } => *status = answer,
            _ => {
                self.job = Job::Result {
                    status: answer,
                    data: None,
                };
            }
        }
    }

    /// Whether a text event is due.
    pub(super) fn has_text_event(&self) -> bool {
        let call = matches!(self.call.waits_for(), Some(Wait::DataTransfer { told: false, .. }));
        call || matches!(self.job, Job::Result { .. })
    }

    /// Tells the application of a DataTransfer, or of the answer to one, with the texts copied into `buf`.
    pub(super) fn make_text_event(&mut self, buf: &mut [u8]) -> Result<Made, PollError> {
        if let Job::Result { status, data } = self.job {
            let text = data.and_then(|len| self.buffers.job.get(..len)).unwrap_or(&[]);
            let place = buf
                .get_mut(..text.len())
                .ok_or(PollError::BufferTooSmall { needed: text.len() })?;
            place.copy_from_slice(text);
            self.job = Job::Free;
            return Ok(Made::DataTransferResult { status, data });
        }
        let inbound = core::mem::take(&mut self.buffers.inbound);
        let made = self.copy_data_transfer(inbound.get(..self.call.len).unwrap_or(&[]), buf);
        self.buffers.inbound = inbound;
        let made = made.map_err(|needed| PollError::BufferTooSmall { needed })?;
        if let CallState::Waiting(Wait::DataTransfer { told, .. }) = &mut self.call.state {
            *told = true;
        }
        Ok(made)
    }

    /// No buffer is large enough for the texts: the application is not told.
    pub(super) fn drop_text_event(&mut self) {
        if matches!(self.job, Job::Result { .. }) {
            self.job = Job::Free;
        } else {
            self.call.state = CallState::Ready(Answer::DataTransfer {
                status: DataTransferStatus::Rejected,
                text: None,
            });
        }
    }

    fn copy_data_transfer(&self, call: &[u8], buf: &mut [u8]) -> Result<Made, usize> {
        let Ok((Command::DataTransfer { vendor, message, data }, _)) = self.command(call) else {
            return Ok(Made::Event(Event::Rpc {
                detail: "DataTransfer is lost",
                field: "",
            }));
        };
        let size = |text: Str<'_>| text.chars().map(char::len_utf8).sum::<usize>();
        let json = data.map(|data| data.as_str().as_bytes());
        let made = (size(vendor), message.map(size), json.map(<[u8]>::len));
        let needed: usize = [Some(made.0), made.1, made.2].into_iter().flatten().sum();
        let (first, rest) = buf.split_at_mut_checked(made.0).ok_or(needed)?;
        let (second, rest) = rest.split_at_mut_checked(made.1.unwrap_or(0)).ok_or(needed)?;
        let third = rest.get_mut(..made.2.unwrap_or(0)).ok_or(needed)?;
        third.copy_from_slice(json.unwrap_or(&[]));
        vendor.copy_to(first);
        message.and_then(|message| message.copy_to(second));
        Ok(Made::DataTransfer {
            vendor: made.0,
            message: made.1,
            data: made.2,
        })
    }
}

/// Frees the job buffer once the answer in it was sent.
impl Station<'_> {
    pub(super) fn free_answer(&mut self) {
        if self.job == Job::Answer {
            self.job = Job::Free;
        }
    }
}

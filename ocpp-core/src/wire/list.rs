//! Arrays: read again on each pass, never copied into a capacity.

use super::declare::Wire;
use super::error::{ErrorKind, WireError};
use super::reader::Reader;
use super::writer::Writer;

/// A sequence of `T`.
///
/// Out of a frame it is the array's text, checked once, and decoded again on each pass, so that no capacity limits
/// it and an update can look at everything before it changes anything. On the way out it is a slice, or a [`Cursor`]
/// that makes one element after the other.
///
/// `MIN` and `MAX` are the bounds that the schema puts on the number of elements.
///
/// ```
/// use ocpp_core::wire::{List, Reader, Wire};
///
/// let list = List::<i32>::read(&mut Reader::new("[4, 5]"))?;
/// assert_eq!(list.len(), 2);
/// assert_eq!(list.iter().sum::<i32>(), 9);
/// # Ok::<(), ocpp_core::wire::WireError>(())
/// ```
pub struct List<'a, T, const MIN: usize = 0, const MAX: usize = { usize::MAX }> {
    source: Source<'a, T>,
}

/// Makes the elements of an outgoing list one by one.
pub trait Cursor<T> {
    /// The element at `index`; `None` behind the last one.
    fn at(&self, index: usize) -> Option<T>;
}

enum Source<'a, T> {
    /// An array, or a single element, as it stood in a frame.
    Raw {
        raw: &'a str,
        decode: fn(&mut Reader<'a>) -> Result<T, WireError>,
    },
    Slice(&'a [T]),
    Cursor(&'a dyn Cursor<T>),
}

impl<T> Clone for Source<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Source<'_, T> {}

impl<T, const MIN: usize, const MAX: usize> Clone for List<'_, T, MIN, MAX> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, const MIN: usize, const MAX: usize> Copy for List<'_, T, MIN, MAX> {}

impl<'a, T: Copy, const MIN: usize, const MAX: usize> List<'a, T, MIN, MAX> {
    /// A list that makes its elements when they are written.
    pub const fn cursor(cursor: &'a dyn Cursor<T>) -> Self {
        Self {
            source: Source::Cursor(cursor),
        }
    }

    /// The list `raw`, whose elements `decode` reads. Used by dialects to hand a list of their own over as one of
    /// neutral elements.
    ///
    /// `raw` is an array, or one element that stands for a list of one. Writing the list gives `raw` back.
    ///
    /// # Errors
    /// What `decode` says of the first element that it refuses.
    pub fn decoded(raw: &'a str, decode: fn(&mut Reader<'a>) -> Result<T, WireError>) -> Result<Self, WireError> {
        let list = Self {
            source: Source::Raw { raw, decode },
        };
        let mut reader = Reader::new(raw);
        if reader.peek() == Some(b'[') {
            reader.array(&mut |r| decode(r).map(drop))?;
        } else {
            decode(&mut reader)?;
        }
        Ok(list)
    }

    /// The same list with elements converted by `decode`, which must read what this list's elements are read from.
    ///
    /// # Errors
    /// What `decode` says of the first element that it refuses.
    pub fn decode_as<U: Copy>(
        &self,
        decode: fn(&mut Reader<'a>) -> Result<U, WireError>,
    ) -> Result<List<'a, U>, WireError> {
        match self.source {
            Source::Raw { raw, .. } => List::decoded(raw, decode),
            Source::Slice(_) | Source::Cursor(_) => Ok(List::default()),
        }
    }

    /// The elements in order.
    pub fn iter(&self) -> Iter<'a, T> {
        let (reader, left) = match self.source {
            Source::Raw { raw, .. } => {
                let mut reader = Reader::new(raw);
                let array = reader.take(b'[');
                (reader, if array { Left::Array } else { Left::One })
            }
            _ => (Reader::new(""), Left::Index(0)),
        };
        Iter {
            source: self.source,
            reader,
            left,
        }
    }

    /// Number of elements; counts them.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}

impl<T, const MIN: usize, const MAX: usize> Default for List<'_, T, MIN, MAX> {
    fn default() -> Self {
        Self {
            source: Source::Slice(&[]),
        }
    }
}

impl<'a, T, const MIN: usize, const MAX: usize> From<&'a [T]> for List<'a, T, MIN, MAX> {
    fn from(items: &'a [T]) -> Self {
        Self {
            source: Source::Slice(items),
        }
    }
}

impl<'a, T, const N: usize, const MIN: usize, const MAX: usize> From<&'a [T; N]> for List<'a, T, MIN, MAX> {
    fn from(items: &'a [T; N]) -> Self {
        Self::from(items.as_slice())
    }
}

impl<'f, T: Wire<'f> + Copy, const MIN: usize, const MAX: usize> Wire<'f> for List<'f, T, MIN, MAX> {
    const EMPTY: Self = Self {
        source: Source::Slice(&[]),
    };

    fn fill(&mut self, r: &mut Reader<'f>) -> Result<(), WireError> {
        let (raw, count) = r.array(&mut |r| {
            let mut item = T::EMPTY;
            item.fill(r)
        })?;
        if count < MIN || count > MAX {
            return Err(WireError::new(ErrorKind::Cardinality));
        }
        self.source = Source::Raw { raw, decode: T::read };
        Ok(())
    }

    fn write(&self, w: &mut Writer<'_>) {
        match self.source {
            Source::Raw { raw, .. } if raw.starts_with('[') => w.raw(raw),
            Source::Raw { raw, .. } => {
                w.begin_array();
                w.raw(raw);
                w.end_array();
            }
            Source::Slice(items) => w.array(&mut |index, w| items.get(index).map(|item| item.write(w))),
            Source::Cursor(items) => w.array(&mut |index, w| items.at(index).map(|item| item.write(w))),
        }
    }
}

/// The elements of a [`List`].
pub struct Iter<'a, T> {
    source: Source<'a, T>,
    reader: Reader<'a>,
    left: Left,
}

/// Where the next element comes from.
enum Left {
    Array,
    One,
    Index(usize),
    Nothing,
}

impl<T: Copy> Iterator for Iter<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        // The list was checked when it was made, so decoding does not fail here; if it did, the list would end.
        match (&mut self.left, &self.source) {
            (Left::Index(index), Source::Slice(items)) => {
                let item = items.get(*index).copied();
                *index = index.wrapping_add(1);
                item
            }
            (Left::Index(index), Source::Cursor(cursor)) => {
                let item = cursor.at(*index);
                *index = index.wrapping_add(1);
                item
            }
            (Left::Array, Source::Raw { decode, .. }) => {
                if self.reader.take(b']') {
                    self.left = Left::Nothing;
                    return None;
                }
                let item = decode(&mut self.reader).ok();
                self.reader.take(b',');
                if item.is_none() {
                    self.left = Left::Nothing;
                }
                item
            }
            (Left::One, Source::Raw { decode, .. }) => {
                self.left = Left::Nothing;
                decode(&mut self.reader).ok()
            }
            _ => None,
        }
    }
}

impl<T: Copy + PartialEq, const MIN: usize, const MAX: usize> PartialEq for List<'_, T, MIN, MAX> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<T: Copy + core::fmt::Debug, const MIN: usize, const MAX: usize> core::fmt::Debug for List<'_, T, MIN, MAX> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(feature = "defmt")]
impl<T: Copy + defmt::Format, const MIN: usize, const MAX: usize> defmt::Format for List<'_, T, MIN, MAX> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "[");
        self.iter().for_each(|item| defmt::write!(f, "{} ", item));
        defmt::write!(f, "]");
    }
}

#[cfg(feature = "serde")]
impl<T: Copy + serde::Serialize, const MIN: usize, const MAX: usize> serde::Serialize for List<'_, T, MIN, MAX> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

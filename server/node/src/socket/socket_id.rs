//! Numbers of sockets.

/// The bit that tells sockets with a task from those without.
const TASK: u32 = 1 << 31;

/// A socket's number within its worker; another has it when that one has gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SocketId(u32);

/// Where a socket of a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// At this place among those without a task.
    Dense(u32),
    /// At this place among those that have one.
    Task(u32),
}

impl SocketId {
    /// The number of a socket at a place; a worker has far fewer than two thousand million of each.
    pub(crate) const fn at(place: Place) -> Self {
        match place {
            Place::Dense(place) => Self(place & !TASK),
            Place::Task(place) => Self(place | TASK),
        }
    }

    /// Where it is.
    pub(crate) const fn place(self) -> Place {
        if self.0 & TASK == 0 { Place::Dense(self.0) } else { Place::Task(self.0 & !TASK) }
    }

    pub(super) const fn number(self) -> u32 {
        self.0
    }

    pub(super) const fn of_number(number: u32) -> Self {
        Self(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_tells_where_its_socket_is() {
        for place in [Place::Dense(0), Place::Task(0), Place::Dense(7), Place::Task(7)] {
            assert_eq!(SocketId::at(place).place(), place);
        }
        assert_ne!(SocketId::at(Place::Dense(7)), SocketId::at(Place::Task(7)));
    }
}

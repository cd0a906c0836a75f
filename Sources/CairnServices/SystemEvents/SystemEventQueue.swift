internal import CairnCore
internal import CairnDomains
internal import CairnJournal

/// A system event with the instant at which it happened, before it is written.
struct TimedSystemEvent: Hashable, Sendable {
    let event: SystemEvent
    let at: Timestamp
}

/// What waits to be written, and what became of the rest: a value that performs nothing.
///
/// Never holds more than ``countMax`` events, those included that are being written.
struct SystemEventQueue: Sendable {
    /// What is written in one turn.
    struct Batch: Hashable, Sendable {
        let events: [TimedSystemEvent]
        /// What was lost and not told yet; nil where nothing was.
        let loss: Loss?
    }

    /// Events that did not come to be written.
    struct Loss: Hashable, Sendable {
        /// Found the queue full, or closed.
        var droppedCount: UInt64 = 0
        /// Taken by the queue and refused by the journal.
        var failedCount: UInt64 = 0
        /// Why the journal refused the last of them.
        var lastError: JournalError?

        var count: UInt64 { droppedCount &+ failedCount }
    }

    let countMax: Int
    private var waiting: [TimedSystemEvent] = []
    private var takenCount = 0
    private var told = Loss()
    private(set) var loss = Loss()
    private(set) var writtenCount: UInt64 = 0
    private var isClosed = false

    init(countMax: Int) {
        self.countMax = max(countMax, 1)
    }

    /// How many events are not written yet.
    var waitingCount: Int { waiting.count + takenCount }

    /// Whether there is room for an event; where there is none, it counts as dropped.
    mutating func admit() -> Bool {
        let hasRoom = !isClosed && waitingCount < countMax
        if !hasRoom { loss.droppedCount &+= 1 }
        return hasRoom
    }

    /// Takes an event, unless there is no room.
    ///
    /// - Returns: Whether it was taken; else it counts as dropped.
    mutating func offer(_ event: TimedSystemEvent) -> Bool {
        guard admit() else { return false }
        waiting.append(event)
        return true
    }

    /// Hands over the oldest events; nil where there is nothing to write and nothing to tell.
    mutating func take(countMax: Int) -> Batch? {
        let untold = Loss(
            droppedCount: loss.droppedCount &- told.droppedCount,
            failedCount: loss.failedCount &- told.failedCount,
            lastError: loss.failedCount == told.failedCount ? nil : loss.lastError
        )
        let events = Array(waiting.prefix(countMax))
        guard !events.isEmpty || untold.count > 0 else { return nil }
        waiting.removeFirst(events.count)
        takenCount += events.count
        return Batch(events: events, loss: untold.count > 0 ? untold : nil)
    }

    /// Takes note that a batch is durable.
    mutating func noteWritten(_ batch: Batch) {
        takenCount -= batch.events.count
        writtenCount &+= UInt64(batch.events.count)
        told.droppedCount &+= batch.loss?.droppedCount ?? 0
        told.failedCount &+= batch.loss?.failedCount ?? 0
    }

    /// Takes note that a batch is lost.
    mutating func noteFailed(_ batch: Batch, _ error: JournalError) {
        takenCount -= batch.events.count
        loss.lastError = error
        loss.failedCount &+= UInt64(batch.events.count)
    }

    /// Takes a batch back, to be written before everything else.
    mutating func putBack(_ batch: Batch) {
        takenCount -= batch.events.count
        waiting.insert(contentsOf: batch.events, at: 0)
    }

    /// Takes nothing any more; what waits can still be written.
    mutating func close() { isClosed = true }
}

internal import CairnCore

/// What a ``MemoryJournal`` holds: the frames, and two indexes that the frames alone decide.
struct MemoryStorage: Sendable {
    /// The frame of each event; the first stands at position 1.
    private(set) var frames: [[UInt8]] = []
    /// The positions of each stream's events, in order.
    private(set) var streams: [StreamID: [Position]] = [:]
    private(set) var ids: [EventID: Position] = [:]
    private(set) var lastRecordedAt = Timestamp.distantPast
    var runningHash = RunningHash.zero
    /// Those who wait for a position to be passed, by a number of their own.
    var waiters: [UInt64: Waiter] = [:]
    private var lastWaiterNumber: UInt64 = 0

    struct Waiter: Sendable {
        let position: Position
        let continuation: CheckedContinuation<Void, Never>
    }

    init() {}

    /// Builds the indexes anew from frames.
    init(frames: [[UInt8]], runningHash: RunningHash) throws(JournalError) {
        for frame in frames {
            let header = try Self.header(of: frame, at: lastPosition.next)
            let stream =
                if let name = header.streamID(in: frame.span.bytes) { name } else {
                    try streamID(of: header.streamNumber)
                }
            add(frame, header, to: stream)
        }
        self.runningHash = runningHash
    }

    var lastPosition: Position { Position(rawValue: UInt64(frames.count)) }

    func event(at position: Position) -> (position: Position, frame: [UInt8]) {
        (position, frames[Int(position.rawValue) - 1])
    }

    func header(at position: Position) throws(JournalError) -> EventHeader {
        try Self.header(of: event(at: position).frame, at: position)
    }

    static func header(
        of frame: [UInt8],
        at position: Position
    ) throws(JournalError) -> EventHeader {
        do throws(FrameError) {
            return try EventHeader(frame: frame.span.bytes, position: position)
        } catch {
            throw .corrupt(position: position, reason: error.description)
        }
    }

    func lastSequence(of stream: StreamID) -> SequenceNumber {
        SequenceNumber(rawValue: UInt64(streams[stream, default: []].count))
    }

    func streamID(of number: StreamNumber) throws(JournalError) -> StreamID {
        let position = number.firstPosition
        guard position > .zero, position <= lastPosition else {
            throw .unknownStream(number: number.rawValue)
        }
        let frame = event(at: position).frame
        guard let name = try header(at: position).streamID(in: frame.span.bytes) else {
            throw .unknownStream(number: number.rawValue)
        }
        return name
    }

    func receipt(of id: EventID) throws(JournalError) -> Receipt? {
        guard let position = ids[id] else { return nil }
        let header = try header(at: position)
        return Receipt(
            position: position,
            sequence: header.sequence,
            recordedAt: header.recordedAt,
            isDuplicate: true
        )
    }

    /// Puts a frame at the end.
    mutating func add(_ frame: [UInt8], _ header: EventHeader, to stream: StreamID) {
        frames.append(frame)
        streams[stream, default: []].append(header.position)
        if let id = header.eventID(in: frame.span.bytes) { ids[id] = header.position }
        lastRecordedAt = header.recordedAt
    }

    /// Removes every event after a position, as if it had never been.
    mutating func removeLast(after position: Position, lastRecordedAt: Timestamp) {
        let removed = frames.count - Int(position.rawValue)
        guard removed > 0 else { return }
        frames.removeLast(removed)
        for (stream, positions) in streams where positions.last.map({ $0 > position }) ?? false {
            let kept = positions.prefix { $0 <= position }
            streams[stream] = kept.isEmpty ? nil : Array(kept)
        }
        ids = ids.filter { $0.value <= position }
        self.lastRecordedAt = lastRecordedAt
    }

    /// Takes a place among the waiters.
    mutating func takeWaiterNumber() -> UInt64 {
        lastWaiterNumber += 1
        return lastWaiterNumber
    }

    /// Removes the waiters whose position is passed, and hands them over.
    mutating func takeWokenWaiters() -> [CheckedContinuation<Void, Never>] {
        let woken = waiters.filter { $0.value.position < lastPosition }
        for number in woken.keys { waiters.removeValue(forKey: number) }
        return woken.values.map(\.continuation)
    }
}

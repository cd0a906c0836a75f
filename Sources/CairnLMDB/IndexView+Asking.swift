internal import CLMDB
internal import CairnCore
internal import CairnJournal

/// What an append needs lies in memory that the writer's core has not: what its caller made on
/// another core, and the tail's entries of its stream and of its ids. Waited for one after another
/// that is a third of what staging costs; asked for at several appends at once, it comes together.
///
/// Only where something may lie is guessed here. Nothing depends on a guess.
extension IndexView {
    /// Appends that are asked for at a time: what they need fits into the nearest cache.
    static let askCountMax = 16

    /// Asks for what the first event of each append needs.
    func ask(for appends: ArraySlice<StreamAppend>) {
        // One alone is read at once.
        guard appends.count > 1 else { return }
        var streams: [UInt32] = []
        var prefixes: [UInt32] = []
        streams.reserveCapacity(appends.count)
        prefixes.reserveCapacity(appends.count)
        for append in appends {
            append.events.ask(for: 0)
            append.stream.name.ask()
            streams.append(StreamNumbers.tag(of: append.stream))
        }
        for append in appends {
            guard let event = append.events.first else { continue }
            event.payload.ask(for: 0)
            guard let id = event.id else { continue }
            id.name.ask()
            prefixes.append(TailEvents.tag(ofPrefix: id.prefixHashCode))
        }
        tail.monitor.withLock { tail.active.ask(forStreams: streams, prefixes: prefixes) }
    }

    /// Asks for what turns need that append only.
    func ask(for turns: ArraySlice<WaitingTurn>) {
        guard turns.count > 1 else { return }
        for turn in turns { turn.ask() }
        var appends: [StreamAppend] = []
        appends.reserveCapacity(turns.count)
        for turn in turns {
            if let append = turn.appends.first { appends.append(append) }
        }
        ask(for: appends[...])
    }
}

extension TailSegment {
    fileprivate func ask(forStreams streams: [UInt32], prefixes: [UInt32]) {
        events.ask(forStreams: born.ask(for: streams), prefixes: prefixes)
    }
}

extension WaitingTurn {
    /// Asks the processor for the object itself.
    fileprivate func ask() {
        unsafe cairn_prefetch(Unmanaged.passUnretained(self).toOpaque())
    }
}

extension Array {
    /// Asks the processor for an element.
    @inline(__always)
    func ask(for index: Int) {
        unsafe withUnsafeBufferPointer { elements in
            if let start = elements.baseAddress { unsafe cairn_prefetch(start + index) }
        }
    }
}

extension String {
    /// Asks the processor for the beginning of the text.
    @inline(__always)
    fileprivate func ask() {
        unsafe utf8Span.span.bytes.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress { unsafe cairn_prefetch(start) }
        }
    }
}

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
        var asked = AskedFor(count: appends.count)
        // Lent and not copied, here and below: another core has what they hold, and would have to
        // give up each reference count.
        let given = appends.span
        for index in given.indices { asked.ask(forStreamOf: given[index]) }
        for index in given.indices { asked.ask(forEventOf: given[index]) }
        ask(for: asked)
    }

    /// Asks for what turns need that append only.
    func ask(for turns: ArraySlice<WaitingTurn>) {
        guard turns.count > 1 else { return }
        var asked = AskedFor(count: turns.count)
        let given = turns.span
        for index in given.indices { given[index].ask() }
        for index in given.indices where !given[index].appends.isEmpty {
            asked.ask(forStreamOf: given[index].appends[0])
        }
        for index in given.indices where !given[index].appends.isEmpty {
            asked.ask(forEventOf: given[index].appends[0])
        }
        ask(for: asked)
    }

    private func ask(for asked: AskedFor) {
        tail.monitor.withLock {
            tail.active.ask(forStreams: asked.streams, prefixes: asked.prefixes)
        }
    }
}

/// What to look up for some appends: streams and beginnings of ids, by their tags.
private struct AskedFor {
    private(set) var streams: [UInt32] = []
    private(set) var prefixes: [UInt32] = []

    init(count: Int) {
        streams.reserveCapacity(count)
        prefixes.reserveCapacity(count)
    }

    mutating func ask(forStreamOf append: borrowing StreamAppend) {
        append.events.ask(for: 0)
        append.stream.name.ask()
        streams.append(StreamNumbers.tag(of: append.stream))
    }

    mutating func ask(forEventOf append: borrowing StreamAppend) {
        guard !append.events.isEmpty else { return }
        append.events[0].payload.ask(for: 0)
        guard let hashCode = append.events[0].id?.prefixHashCode else { return }
        append.events[0].id?.name.ask()
        prefixes.append(TailEvents.tag(ofPrefix: hashCode))
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

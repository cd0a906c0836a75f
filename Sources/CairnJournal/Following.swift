public import CairnCore

/// A journal's events as they come: first those that are there, then each new one, for ever.
///
/// Without gap and without repeat. The sequence ends only by cancellation of its task or by an
/// error; a follower that is slower than the writers reads on from where it is, so nothing is
/// buffered for it beyond one page of ``pageEventCountMax`` events.
public struct Following: AsyncSequence, Sendable {
    public typealias Element = EventRecord
    public typealias Failure = JournalError

    /// Most events that one follower holds in memory.
    public static let pageEventCountMax = 256

    let journal: any Journal
    let start: Position

    public func makeAsyncIterator() -> Iterator {
        Iterator(journal: journal, next: start)
    }

    public struct Iterator: AsyncIteratorProtocol {
        let journal: any Journal
        var next: Position
        var page: [EventRecord] = []
        var pageIndex = 0
        var names: [StreamNumber: StreamID] = [:]

        init(journal: any Journal, next: Position) {
            self.journal = journal
            self.next = next
        }

        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(JournalError) -> EventRecord? {
            while pageIndex == page.count {
                if Task.isCancelled { return nil }
                try await fill()
                if page.isEmpty { try await journal.waitForEvent(after: next.previous) }
            }
            defer { pageIndex += 1 }
            return page[pageIndex]
        }

        /// Where the events end that were given out or are about to be.
        package var lastRead: Position { next.previous }

        /// The next events together, as many as there are up to a page; waits for the first.
        ///
        /// - Returns: At least one event; none only where the task was cancelled.
        package mutating func nextPage() async throws(JournalError) -> [EventRecord] {
            guard let first = try await next() else { return [] }
            defer { pageIndex = page.count }
            return [first] + page[pageIndex...]
        }

        private mutating func fill() async throws(JournalError) {
            var frames: [(EventHeader, [UInt8])] = []
            _ = try await journal.page(
                from: next,
                .forwards,
                upTo: nil,
                limit: PageLimit(eventCountMax: Following.pageEventCountMax)
            ) { header, frame in
                frames.append((header, frame.array()))
                return .proceed
            }
            page.removeAll(keepingCapacity: true)
            pageIndex = 0
            for (header, frame) in frames {
                let stream = try await name(of: header.streamNumber)
                page.append(EventRecord(header, frame: frame.span.bytes, stream: stream))
                next = header.position.next
            }
        }

        /// Names of the streams seen last, so that a busy stream is looked up once.
        private mutating func name(of number: StreamNumber) async throws(JournalError) -> StreamID {
            if let known = names[number] { return known }
            let name = try await journal.streamID(of: number)
            if names.count == 4_096 { names.removeAll(keepingCapacity: true) }
            names[number] = name
            return name
        }
    }
}

extension Journal {
    /// Follows the journal from after a position on.
    public func events(after position: Position = .zero) -> Following {
        Following(journal: self, start: position.next)
    }
}

internal import CairnCore
internal import CairnJournal

extension MachineView {
    /// Finds the event that makes a predicate true, or false.
    ///
    /// What is removed up to the view's bound is left out, as it is of every answer.
    ///
    /// - Parameter query: The predicate, and which event to look for.
    /// - Returns: The event, if there is one, and what the search cost.
    /// - Throws: ``IncidentError``, with ``IncidentError/unknownStream(_:)`` where the query names
    ///   a stream of which nothing is to be seen.
    /// - Complexity: One pass over the stream, or over the journal, that stops at the event; the
    ///   predicate is asked after each. Where the answer is lasting, one whole pass, and then
    ///   folds of a half, a quarter and so on of the events: at most twice all of them are read,
    ///   and the predicate is asked only of streams that went on from one fold to the next.
    ///   Memory for the state of each stream.
    public func bisect(
        _ query: BisectionQuery<Rules.Standing>
    ) async throws(IncidentError) -> Bisection<Rules> {
        let bound = try await bound()
        let removals = try await StreamRemovals(
            of: journal,
            kind: machine.streamKind,
            upTo: bound
        )
        let view = MachineView(journal, machine, asOf: bound)
        var search = BisectionSearch(view, query, bound, removals)
        let found = try await search.run()
        if found.finding == nil, let stream = query.stream {
            let state = try await view.state(of: stream)
            guard let state, machine.isSeen(state) else { throw .unknownStream(stream) }
        }
        return found
    }
}

/// One search, and what it has cost so far.
private struct BisectionSearch<Rules: InspectableMachine> {
    typealias Streams = BisectedStreams<Rules>

    /// An event after which the answer changed.
    struct Turn {
        let stream: StreamID
        let position: Position
        let sequence: SequenceNumber
        let countBefore: Int
        let countAfter: Int
    }

    private let view: MachineView<Rules>
    private let query: BisectionQuery<Rules.Standing>
    private let bound: Position
    private let removals: StreamRemovals
    private var names: StreamNames
    private var foldCount = 0
    private var eventCount = 0
    private var askedCount = 0

    init(
        _ view: MachineView<Rules>,
        _ query: BisectionQuery<Rules.Standing>,
        _ bound: Position,
        _ removals: StreamRemovals
    ) {
        self.view = view
        self.query = query
        self.bound = bound
        self.removals = removals
        names = StreamNames(of: view.machine.streamKind)
    }

    mutating func run() async throws(IncidentError) -> Bisection<Rules> {
        var streams = Streams(view, query)
        if query.start > .first {
            let before = Position(rawValue: query.start.rawValue - 1)
            try await fold(&streams, upTo: min(before, bound)) { _ in .proceed }
        }
        let heldBefore = streams.ask(&askedCount)
        let found =
            query.isLasting
            ? try await halve(streams, heldBefore: heldBefore)
            : try await scan(streams, heldBefore: heldBefore)
        return Bisection(
            finding: try await finding(found.turn),
            end: bound,
            heldBefore: heldBefore,
            heldAfter: found.heldAfter,
            foldCount: foldCount,
            eventCount: eventCount,
            askedCount: askedCount
        )
    }

    /// Asks after each event.
    private mutating func scan(
        _ start: Streams,
        heldBefore: Bool
    ) async throws(IncidentError) -> (turn: Turn?, heldAfter: Bool) {
        var (streams, holds) = (start, heldBefore)
        var turn: Turn?
        var asked = 0
        let (wanted, isLast) = (query.wanted, query.isLast)
        try await fold(&streams, upTo: bound) { streams in
            let (held, count) = (holds, streams.matchCount)
            holds = streams.ask(&asked)
            guard holds == wanted, held != wanted, let stream = streams.last else {
                return .proceed
            }
            turn = Turn(
                stream: stream,
                position: streams.position,
                sequence: streams.sequence,
                countBefore: count,
                countAfter: streams.matchCount
            )
            return isLast ? .proceed : .stop
        }
        askedCount += asked
        return (turn, holds)
    }

    /// Asks at the end, and then in the middle between where the answer is not yet the wanted one
    /// and where it is, until those are neighbours.
    private mutating func halve(
        _ start: Streams,
        heldBefore: Bool
    ) async throws(IncidentError) -> (turn: Turn?, heldAfter: Bool) {
        var low = start
        var high = start
        try await fold(&high, upTo: bound) { _ in .proceed }
        let heldAfter = high.ask(&askedCount)
        guard heldBefore != query.wanted, heldAfter == query.wanted else {
            return (nil, heldAfter)
        }
        while true {
            // A probe that ends where its half began has met no event, and so has no answer.
            var probe = low
            let (first, last) = (place(of: low), place(of: high))
            let middle = first + (last - first) / 2
            if middle > first {
                try await fold(&probe, upToPlace: middle) { _ in .proceed }
            }
            if place(of: probe) == first {
                var next = low
                try await fold(&next, upToPlace: last) { _ in .stop }
                if place(of: next) == last { break }
                probe = next
            }
            if probe.ask(&askedCount) == query.wanted { high = probe } else { low = probe }
        }
        guard let stream = high.last else { return (nil, heldAfter) }
        let turn = Turn(
            stream: stream,
            position: high.position,
            sequence: high.sequence,
            countBefore: low.matchCount,
            countAfter: high.matchCount
        )
        return (turn, heldAfter)
    }

    /// What the search halves: sequences of one stream, or positions of all.
    private func place(of streams: Streams) -> UInt64 {
        query.stream == nil ? streams.position.rawValue : streams.sequence.rawValue
    }

    private mutating func fold(
        _ streams: inout Streams,
        upToPlace place: UInt64,
        _ body: (inout Streams) -> PageFlow
    ) async throws(IncidentError) {
        if query.stream == nil {
            try await fold(&streams, upTo: Position(rawValue: place), .max, body)
        } else {
            try await fold(&streams, upTo: bound, place, body)
        }
    }

    /// Takes further events, up to a position and a sequence, until the body stops it.
    private mutating func fold(
        _ streams: inout Streams,
        upTo position: Position,
        _ last: UInt64 = .max,
        _ body: (inout Streams) -> PageFlow
    ) async throws(IncidentError) {
        foldCount += 1
        var count = 0
        let removals = removals
        func take(
            _ id: StreamID,
            _ number: StreamNumber,
            _ step: MachineStep<Rules.Event>
        ) -> PageFlow {
            if removals.cover(number, at: step.position) { return .proceed }
            count += 1
            streams.take(step, of: id, number)
            return body(&streams)
        }
        if let stream = query.stream {
            try await view.forEachStep(
                of: stream,
                from: streams.sequence.next,
                upTo: position
            ) { number, step in
                step.sequence.rawValue <= last ? take(stream, number, step) : .stop
            }
        } else {
            try await view.forEachStep(
                from: streams.position.next,
                upTo: position,
                naming: &names,
                take
            )
        }
        eventCount += count
    }

    /// Reads the event that was found, and the states around it.
    private func finding(_ turn: Turn?) async throws(IncidentError) -> Bisection<Rules>.Finding? {
        guard let turn else { return nil }
        let machine = view.machine
        var (before, after): (Rules.State?, Rules.State?) = (nil, nil)
        var found: MachineStep<Rules.Event>?
        try await view.forEachStep(of: turn.stream, from: nil, upTo: turn.position) {
            number,
            step in
            if removals.cover(number, at: step.position) { return .proceed }
            before = after
            var state = before ?? machine.initial
            view.take(step, into: &state)
            (after, found) = (state, step)
            return .proceed
        }
        guard let found else { return nil }
        return Bisection.Finding(
            stream: turn.stream,
            step: found,
            before: before.flatMap { machine.isSeen($0) ? $0 : nil },
            after: after.flatMap { machine.isSeen($0) ? $0 : nil },
            countBefore: turn.countBefore,
            countAfter: turn.countAfter
        )
    }
}

internal import CairnCore
internal import CairnDomains
internal import CairnEngine
internal import CairnIncident
internal import CairnJournal

/// The tables of all prompts: what holds at each moment as prefix sums, how much happens in each
/// second, and the events of all sessions in the order of their prompt times.
struct PromptProjection: Projection {
    let name = "cairn.prompts"
    let version: UInt32 = 1
    let isKnownByVersion = true
    /// What is left out.
    var removals = StreamRemovals()

    var definition: [UInt8] { removals.bytes }

    static func tables(of journal: any Journal) -> RemovalTables<PromptProjection> {
        RemovalTables(journal, of: PromptSessionMachine.streamKind) { removals in
            LiveProjection(PromptProjection(removals: removals), of: journal)
        }
    }

    private static let machine = PromptSessionMachine()
    private static let streamPrefix = Array("\(PromptSessionMachine.streamKind.name)/".utf8)
    private static let openedType = Array(PromptSessionMachine.openedType.utf8)
    private static let eventTypePrefix = Array(PromptSessionMachine.eventTypePrefix.utf8)

    func concerns(_ header: EventHeader, _ frame: RawSpan) -> Bool {
        let type = frame.extracting(header.typeRange)
        let prefix = Self.eventTypePrefix
        return type.byteCount > prefix.count && !removals.cover(header)
            && (type.extracting(0..<prefix.count).equals(prefix.span.bytes)
                || type.equals(Self.openedType.span.bytes))
    }

    func take(
        _ header: EventHeader,
        _ frame: RawSpan,
        of stream: StreamID?,
        into entries: inout ProjectionEntries<Self>
    ) throws(EventCodecError) {
        // Others may have events of such names, too.
        guard let stream, stream.name.utf8.starts(with: Self.streamPrefix),
            let fact = try Self.machine.event(header, frame: frame)
        else { return }
        var changes = PromptChanges()
        entries.update(.session(header.streamNumber)) { value in
            var session = PromptSessionRecord()
            if case .session(let known)? = value { session = known }
            // The record is changed in its place.
            value = nil
            switch fact {
            case .opened(let owner, _):
                session.open(as: PromptNumber(rawValue: header.position.rawValue), owner.prompt)
                changes.opened = owner.prompt
            case .happened(let event): changes = session.take(event)
            case .removed: break
            }
            value = .session(session)
        }
        if let prompt = changes.opened { open(header.streamNumber, prompt, &entries) }
        apply(changes, of: header.streamNumber, &entries)
    }

    /// Finds the number of the session's prompt, and counts what the session had before.
    private func open(
        _ session: StreamNumber,
        _ prompt: String,
        _ entries: inout ProjectionEntries<Self>
    ) {
        guard case .session(var record)? = entries.value(of: .session(session)),
            let new = record.prompt, !record.isOpen
        else { return }
        var number = new
        entries.update(.prompt(PromptName(prompt))) { value in
            if case .prompt(let known)? = value { number = known } else { value = .prompt(new) }
        }
        record.prompt = number
        record.isOpen = true
        let changes = record.all
        entries.set(.session(record), for: .session(session))
        apply(changes, of: session, &entries)
    }

    private func apply(
        _ changes: PromptChanges,
        of session: StreamNumber,
        _ entries: inout ProjectionEntries<Self>
    ) {
        guard let prompt = changes.prompt else { return }
        for event in changes.added {
            entries.set(
                .event(PlayedAct(session: session, act: event.act, createdAt: event.createdAt)),
                for: .event(prompt, event.key)
            )
            entries.update(.second(prompt, PromptSecond.containing(event.promptTime))) {
                value in
                var counts = PromptKindCounts()
                if case .second(let known)? = value { counts = known }
                counts.add(event.act.kind)
                value = .second(counts)
            }
        }
        for step in changes.steps {
            add(step.counts, at: PromptResolution.bucket(of: step.time), of: prompt, &entries)
        }
    }

    /// Adds to the prefix sums from a moment on.
    private func add(
        _ counts: PromptCounts,
        at bucket: Int64,
        of prompt: PromptNumber,
        _ entries: inout ProjectionEntries<Self>
    ) {
        guard !counts.isEmpty else { return }
        let (isNegative, index) = PromptResolution.place(of: bucket)
        var size: UInt64 = 0
        var grown: [(from: UInt64, to: UInt64)] = []
        entries.update(.extent(prompt, isNegative: isNegative)) { value in
            if case .extent(let known)? = value { size = known }
            if size == 0 { size = 1 }
            while size < index {
                grown.append((size, 2 * size))
                size *= 2
            }
            value = .extent(size)
        }
        // The last node of a tree holds its total, and so does that of one of twice its size.
        for (from, to) in grown {
            guard case .node(let total)? = entries.value(of: .node(prompt, isNegative, from)) else {
                continue
            }
            entries.set(.node(total), for: .node(prompt, isNegative, to))
        }
        var node = index
        while node <= size {
            entries.update(.node(prompt, isNegative, node)) { value in
                var sum = PromptCounts()
                if case .node(let known)? = value { sum = known }
                value = nil
                sum.add(counts)
                value = .node(sum)
            }
            node += node & (~node &+ 1)
        }
    }
}

/// How finely moments are told apart.
enum PromptResolution {
    /// Prefix sums are exact from millisecond to millisecond.
    static let bucketsPerSecond: Double = 1_000
    /// Beyond 2^40 milliseconds, some 34 years, all moments are one.
    private static let bucketMax: Double = 1_099_511_627_776

    static func bucket(of time: PromptTime) -> Int64 {
        let bucket = (time.seconds * bucketsPerSecond).rounded(.down)
        return Int64(min(max(bucket, -bucketMax), bucketMax))
    }

    /// The tree of a bucket and its place there, counted from 1: times before the prompt began
    /// have a tree of their own, backwards.
    static func place(of bucket: Int64) -> (isNegative: Bool, index: UInt64) {
        bucket < 0 ? (true, bucket.magnitude) : (false, UInt64(bucket) + 1)
    }
}

extension ProjectionView<PromptProjection> {
    func number(of prompt: String) throws(Failure) -> PromptNumber? {
        guard case .prompt(let number)? = try value(of: .prompt(PromptName(prompt))) else {
            return nil
        }
        return number
    }

    /// What holds at a moment, its own millisecond included.
    ///
    /// - Complexity: One node for each bit of the moment's place.
    func counts(of prompt: PromptNumber, at time: PromptTime) throws(Failure) -> PromptCounts {
        let bucket = PromptResolution.bucket(of: time)
        let (isNegative, index) = PromptResolution.place(of: bucket)
        var counts = try sum(of: prompt, isNegative: true, upTo: .max)
        if isNegative {
            counts.subtract(try sum(of: prompt, isNegative: true, upTo: index - 1))
        } else {
            counts.add(try sum(of: prompt, isNegative: false, upTo: index))
        }
        return counts
    }

    private func sum(
        of prompt: PromptNumber,
        isNegative: Bool,
        upTo index: UInt64
    ) throws(Failure) -> PromptCounts {
        var counts = PromptCounts()
        guard case .extent(let size)? = try value(of: .extent(prompt, isNegative: isNegative))
        else { return counts }
        var node = min(index, size)
        while node > 0 {
            if case .node(let sum)? = try value(of: .node(prompt, isNegative, node)) {
                counts.add(sum)
            }
            node &= node - 1
        }
        return counts
    }
}

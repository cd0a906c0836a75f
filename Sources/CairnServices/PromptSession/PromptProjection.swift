internal import CairnCore
internal import CairnDomains
internal import CairnEngine
internal import CairnIncident
internal import CairnJournal

/// The tables of all prompts: what holds at each moment as prefix sums, how much happens in each
/// second, and the events of all sessions in the order of their prompt times.
struct PromptProjection: Projection {
    let name = "cairn.prompts"
    let version: UInt32 = 4
    let isKnownByVersion = true
    /// What is left out.
    let removals: StreamRemovals
    /// What questions found; nothing is folded by it.
    let memory = PromptMemory()

    var definition: [UInt8] { removals.bytes }

    init(removals: StreamRemovals = StreamRemovals()) { self.removals = removals }

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
        switch fact {
        case .opened(let owner, _): open(header, owner.prompt, &entries)
        case .removed: break
        case .happened(let event):
            var changes = PromptChanges()
            var prompt: PromptNumber?
            let isFirst = header.sequence.rawValue == 1
            let first = isFirst ? header.position : .first
            entries.update(.session(header.streamNumber), since: first) { value in
                var session = PromptSessionRecord()
                if case .session(let known)? = value { session = known }
                // The record is changed in its place.
                value = nil
                changes = session.take(event)
                prompt = session.prompt
                value = .session(session)
            }
            if let prompt { apply(changes, of: header.streamNumber, prompt, &entries) }
        }
    }

    /// Finds the number of the session's prompt, and counts what the session had before.
    private func open(
        _ header: EventHeader,
        _ prompt: String,
        _ entries: inout ProjectionEntries<Self>
    ) {
        var session = PromptSessionRecord()
        let key = Key.session(header.streamNumber)
        if case .session(let known)? = entries.value(of: key) { session = known }
        guard session.prompt == nil else { return }
        var number = PromptNumber(rawValue: header.position.rawValue)
        entries.update(.prompt(PromptName(prompt))) { value in
            if case .prompt(let known)? = value { number = known }
            value = .prompt(number)
        }
        let all = session.open(as: number)
        entries.set(.session(session), for: key)
        for changes in all { apply(changes, of: header.streamNumber, number, &entries) }
    }

    private func apply(
        _ changes: PromptChanges,
        of session: StreamNumber,
        _ prompt: PromptNumber,
        _ entries: inout ProjectionEntries<Self>
    ) {
        if let event = changes.added {
            let played = PlayedAct(
                session: session,
                act: event.act,
                createdAt: event.createdAt,
                mayBeLive: !changes.hasWaited && event.origin?.isHistory != true
            )
            entries.set(.event(played), for: .event(prompt, event.key))
            entries.update(.second(prompt, PromptSecond.containing(event.promptTime))) { value in
                var counts = PromptKindCounts()
                if case .second(let known)? = value { counts = known }
                value = nil
                counts.add(event.act.kind)
                value = .second(counts)
            }
        }
        for step in changes.steps { add(step, of: prompt, &entries) }
    }

    /// Adds to what holds from a moment on.
    private func add(
        _ step: PromptStep,
        of prompt: PromptNumber,
        _ entries: inout ProjectionEntries<Self>
    ) {
        let (isNegative, place) = PromptResolution.place(of: step.time)
        let height = raise(PromptTree.height(of: place), of: prompt, isNegative, &entries)
        for level in 0..<height {
            let (index, child) = PromptTree.node(of: place, level)
            entries.update(.node(prompt, isNegative, level, index)) { value in
                var block = PromptBlock()
                if case .node(let known)? = value { block = known }
                value = nil
                if let ended = step.ended { block.add(ended, -1, to: child) }
                if let begun = step.begun { block.add(begun, 1, to: child) }
                value = .node(block)
            }
        }
    }

    /// Makes a tree as high as a place asks for.
    ///
    /// - Returns: How high it is.
    private func raise(
        _ wanted: UInt8,
        of prompt: PromptNumber,
        _ isNegative: Bool,
        _ entries: inout ProjectionEntries<Self>
    ) -> UInt8 {
        var heights = PromptHeights()
        if case .heights(let known)? = entries.value(of: .heights(prompt)) { heights = known }
        let height = heights[isNegative]
        guard height < wanted else { return height }
        heights[isNegative] = wanted
        entries.set(.heights(heights), for: .heights(prompt))
        for level in max(height, 1)..<max(wanted, 1) {
            // All that there was is the first child of the new top.
            guard height > 0,
                case .node(let below)? = entries.value(of: .node(prompt, isNegative, level - 1, 0))
            else { continue }
            var total = PromptCounts()
            below.add(upTo: .max, to: &total)
            var block = PromptBlock()
            for entry in total.entries { block.add(entry.counter, entry.count, to: 0) }
            entries.set(.node(block), for: .node(prompt, isNegative, level, 0))
        }
        return wanted
    }
}

/// How finely moments are told apart.
enum PromptResolution {
    /// The tree of a moment and its place there, counted from 0: times before the prompt began
    /// have a tree of their own, backwards.
    static func place(of time: PromptTime) -> (isNegative: Bool, place: UInt64) {
        let millisecond = time.millisecond
        return millisecond < 0
            ? (true, millisecond.magnitude - 1) : (false, UInt64(millisecond))
    }
}

/// How high a prompt's two trees are: that of the times from 0 on, and that of those before.
struct PromptHeights: Hashable, Sendable {
    /// Most levels of a tree: enough for all places there are.
    static let heightMax: UInt8 = 7

    private var fromZero: UInt8 = 0
    private var beforeZero: UInt8 = 0

    subscript(isNegative: Bool) -> UInt8 {
        get { isNegative ? beforeZero : fromZero }
        set { if isNegative { beforeZero = newValue } else { fromZero = newValue } }
    }
}

extension ProjectionView<PromptProjection> {
    func number(of prompt: String) throws(Failure) -> PromptNumber? {
        let name = PromptName(prompt)
        guard case .prompt(let number)? = try value(of: .prompt(name)) else { return nil }
        return number
    }

    /// What holds in a prompt at a moment, its own millisecond included; nil for an unknown one.
    ///
    /// - Complexity: One node for each level of the tree: six bits of the moment's place.
    func counts(of prompt: String, at time: PromptTime) throws(Failure) -> PromptCounts? {
        let memory = rules.memory
        let keeps = memory.begin(at: position)
        let name = PromptName(prompt)
        var number = keeps ? memory.number(of: name, at: position) : nil
        if number == nil {
            guard case .prompt(let known)? = try value(of: .prompt(name)) else { return nil }
            if keeps { memory.keep(known, of: name, at: position) }
            number = known
        }
        guard let number else { return nil }
        var heights = keeps ? memory.heights(of: number, at: position) : nil
        if heights == nil, case .heights(let known)? = try value(of: .heights(number)) {
            if keeps { memory.keep(known, of: number, at: position) }
            heights = known
        }
        var counts = PromptCounts()
        guard let heights else { return counts }
        let tree = PromptTreeRead(prompt: number, heights: heights, memory: keeps ? memory : nil)
        let (isNegative, place) = PromptResolution.place(of: time)
        if heights[true] > 0 {
            // All that came before the beginning; backwards, the later ones are taken away.
            try add(upTo: .max, tree, isNegative: true, to: &counts)
            if isNegative, place > 0 {
                var later = PromptCounts()
                try add(upTo: place - 1, tree, isNegative: true, to: &later)
                counts.subtract(later)
            }
        }
        if !isNegative { try add(upTo: place, tree, isNegative: false, to: &counts) }
        return counts
    }

    /// Adds up all changes of a tree up to a place.
    private func add(
        upTo place: UInt64,
        _ tree: PromptTreeRead,
        isNegative: Bool,
        to counts: inout PromptCounts
    ) throws(Failure) {
        let height = tree.heights[isNegative]
        guard height > 0 else { return }
        guard PromptTree.height(of: place) <= height else {
            return try add(tree.node(isNegative, height - 1, 0), tree, upTo: .max, to: &counts)
        }
        for level in 0..<height {
            let (index, child) = PromptTree.node(of: place, level)
            // Above the leaves the child with the place itself is not in it: that is for below.
            guard level == 0 || child > 0 else { continue }
            let last = level == 0 ? child : child - 1
            try add(tree.node(isNegative, level, index), tree, upTo: last, to: &counts)
        }
    }

    private func add(
        _ node: PromptMemory.Node,
        _ tree: PromptTreeRead,
        upTo child: UInt8,
        to counts: inout PromptCounts
    ) throws(Failure) {
        let key = PromptProjection.Key.node(node.prompt, node.isNegative, node.level, node.index)
        guard node.level > 0, let memory = tree.memory else {
            _ = try look(at: key) { value in
                if case .node(let block) = value { block.add(upTo: child, to: &counts) }
            } stored: { bytes throws(TruncatedBytes) in
                try PromptProjection.add(upTo: child, of: bytes, to: &counts)
            }
            return
        }
        if memory.add(node, upTo: child, to: &counts, at: position) { return }
        guard case .node(let block)? = try value(of: key) else { return }
        memory.keep(block, of: node, at: position)
        block.add(upTo: child, to: &counts)
    }
}

/// What a question reads its nodes by.
private struct PromptTreeRead {
    let prompt: PromptNumber
    let heights: PromptHeights
    /// Where decoded nodes are kept; nil where that is not worth it.
    let memory: PromptMemory?

    func node(_ isNegative: Bool, _ level: UInt8, _ index: UInt64) -> PromptMemory.Node {
        PromptMemory.Node(prompt: prompt, isNegative: isNegative, level: level, index: index)
    }
}

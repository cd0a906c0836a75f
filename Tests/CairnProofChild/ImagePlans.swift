import CairnTesting

extension ImageMaker {
    /// Chooses so many images at most, the telling ones first.
    func plans(_ countMax: Int, _ numbers: inout SeededGenerator) -> [ImagePlan] {
        var plans: [ImagePlan] = []
        var seen: Set<ImagePlan> = []
        func add(_ plan: ImagePlan) {
            guard plans.count < countMax, seen.insert(plan).inserted else { return }
            plans.append(plan)
        }
        for presence in [Presence.absent, .folderOnly] where epoch.presences.contains(presence) {
            add(ImagePlan(epoch: index, presence: presence))
        }
        guard epoch.presences.contains(.present) else { return plans }
        add(plan(sectors.map(\.newest)))
        add(plan(sectors.map { _ in 0 }))
        // Of each kind some, and of the last what is still missing.
        let kills = killMoments(1 + countMax / 8, &numbers)
        for moment in kills { add(ImagePlan(epoch: index, killed: moment)) }
        let tornCount = countMax / 4
        for _ in 0..<tornCount {
            if let torn = tornPlan(&numbers) { add(torn) }
        }
        for _ in 0..<(sectors.isEmpty ? 0 : 3 * countMax) where plans.count < countMax {
            add(plan(states(&numbers), isLong: numbers.below(2) == 0))
        }
        return plans
    }

    private func plan(
        _ states: [UInt8],
        torn: [ImagePlan.Torn] = [],
        isLong: Bool = false
    ) -> ImagePlan {
        ImagePlan(epoch: index, states: states, torn: torn, isLong: isLong)
    }

    /// Moments at which the process may have been killed: behind each write to the meta pages'
    /// pages, and some others.
    private func killMoments(_ countMax: Int, _ numbers: inout SeededGenerator) -> [Int] {
        guard !epoch.writes.isEmpty else { return [] }
        var moments = epoch.writes.indices
            .filter { epoch.writes[$0].offset < 2 * Self.pageByteCount }
            .map { $0 + 1 }
        // Of many, not always the same ones.
        for place in stride(from: moments.count - 1, to: 0, by: -1) {
            moments.swapAt(place, numbers.below(place + 1))
        }
        moments = Array(moments.prefix(countMax - 1))
        return moments + [numbers.below(epoch.writes.count + 1)]
    }

    /// A state of all sectors.
    ///
    /// Where a meta page was written, it is there in nine of ten: only then does anybody look at
    /// what it leads to.
    private func states(_ numbers: inout SeededGenerator) -> [UInt8] {
        let newest = sectors.map(\.newest)
        let meta = epoch.metaWrites.last.flatMap { metaPlace($0) }
        var states: [UInt8]
        switch numbers.below(10) {
        case 0, 1:
            // All but one page.
            states = newest
            for place in pages[numbers.below(pages.count)] { states[place] = 0 }
        case 2:
            // All but one sector.
            states = newest
            let place = numbers.below(sectors.count)
            states[place] = UInt8(numbers.below(Int(newest[place])))
        case 3:
            // The meta pages' pages at any moment, and one other page missing, or none.
            states = newest
            for page in pages where sectors[page.lowerBound].offset < 2 * Self.pageByteCount {
                put(page, moment: numbers.below(epoch.writes.count + 1), &states)
            }
            if numbers.below(2) == 0 {
                for place in pages[numbers.below(pages.count)] { states[place] = 0 }
            }
        case 4:
            // One page alone.
            states = sectors.map { _ in 0 }
            for place in pages[numbers.below(pages.count)] { states[place] = newest[place] }
        default:
            states = newest
            for page in pages { choose(page, &states, &numbers) }
        }
        guard let meta, numbers.below(10) != 0 else { return states }
        let first = sectors[meta.sector].states.firstIndex { state in
            let range = meta.range
            return Array(state[range]) == Array(sectors[meta.sector].states[meta.state][range])
        }
        let low = max(first ?? meta.state, 1)
        if Int(states[meta.sector]) < low {
            let count = Int(newest[meta.sector]) - low + 1
            states[meta.sector] = UInt8(low + numbers.below(count))
        }
        return states
    }

    /// Where a write of a meta page is, and which of its sector's states it made; nil where it
    /// changed nothing.
    private func metaPlace(_ write: Int) -> (sector: Int, state: Int, range: Range<Int>)? {
        let page = epoch.writes[write].offset / Self.pageByteCount
        guard let sector = sectors.firstIndex(where: { $0.offset == page * Self.pageByteCount }),
            let state = sectors[sector].moments.firstIndex(of: write + 1)
        else { return nil }
        return (sector, state, MetaSlots.Part.meta.range)
    }

    /// A page: there, not there, as it was at a moment, or any mixture of sectors.
    private func choose(
        _ page: Range<Int>,
        _ states: inout [UInt8],
        _ numbers: inout SeededGenerator
    ) {
        switch numbers.below(8) {
        case 0, 1, 2: break
        case 3, 4: for place in page { states[place] = 0 }
        case 5: put(page, moment: numbers.below(epoch.writes.count + 1), &states)
        default:
            for place in page { states[place] = UInt8(numbers.below(sectors[place].states.count)) }
        }
    }

    private func put(_ page: Range<Int>, moment: Int, _ states: inout [UInt8]) {
        for place in page { states[place] = sectors[place].state(after: moment) }
    }

    // Torn parts.

    /// A plan with a mixture of one to three parts of the meta pages' pages; nil where none was
    /// written.
    private func tornPlan(_ numbers: inout SeededGenerator) -> ImagePlan? {
        var parts: [(part: MetaSlots.Part, slot: Int, states: [[UInt8]])] = []
        for slot in 0...1 {
            for part in MetaSlots.Part.allCases {
                let found = partStates(part, slot)
                if found.count > 1 { parts.append((part, slot, found)) }
            }
        }
        guard !parts.isEmpty else { return nil }
        // With all else there, or nothing, only the mixture counts.
        let states =
            switch numbers.below(4) {
            case 0: sectors.map { _ in UInt8(0) }
            case 1: sectors.map(\.newest)
            default: states(&numbers)
            }
        var torn: [ImagePlan.Torn] = []
        let metas = parts.filter { $0.part == .meta }
        for round in 0..<1 + numbers.below(3) {
            // Meta pages more often than the others: most can go wrong with them.
            let isMeta = round == 0 && !metas.isEmpty && numbers.below(5) < 3
            let chosen = isMeta ? metas : parts
            let (part, slot, found) = chosen[numbers.below(chosen.count)]
            let offset = slot * Self.pageByteCount + part.range.lowerBound
            guard !torn.contains(where: { $0.offset == offset }) else { continue }
            let place = 1 + numbers.below(found.count - 1)
            let bytes = mixture(found[place - 1], found[place], &numbers)
            guard !found.contains(bytes) else { continue }
            torn.append(ImagePlan.Torn(offset: offset, bytes: bytes, isMeta: part == .meta))
        }
        return torn.isEmpty ? nil : plan(states, torn: torn)
    }

    /// What a part of a slot has been, in order.
    private func partStates(_ part: MetaSlots.Part, _ slot: Int) -> [[UInt8]] {
        let start = slot * Self.pageByteCount
        let own = sectors.filter { start..<start + Self.pageByteCount ~= $0.offset }
        var found: [[UInt8]] = []
        for moment in Set(own.flatMap(\.moments)).sorted() {
            var page = [UInt8](repeating: 0, count: Self.pageByteCount)
            if epoch.durable.count >= start + page.count {
                page = Array(epoch.durable[start..<start + page.count])
            }
            for sector in own {
                // Of a call that failed, as if it had been made.
                let state =
                    sector.moments.firstIndex(of: moment) ?? Int(sector.state(after: moment))
                page.replaceSubrange(
                    sector.offset - start..<sector.offset - start + Self.sectorByteCount,
                    with: sector.states[state]
                )
            }
            let bytes = Array(page[part.range])
            if found.last != bytes { found.append(bytes) }
        }
        return found
    }

    /// Some bytes of one and some of the other: cut in two, by words of eight bytes as a bus moves
    /// them, or by single bytes.
    private func mixture(
        _ old: [UInt8],
        _ new: [UInt8],
        _ numbers: inout SeededGenerator
    ) -> [UInt8] {
        // Only where they differ does a cut between them mean anything.
        let differing = old.indices.filter { old[$0] != new[$0] }
        guard !differing.isEmpty else { return new }
        let kind = numbers.below(4)
        if kind < 2 {
            let cut = differing[numbers.below(differing.count)]
            return old.indices.map { ($0 < cut) == (kind == 0) ? new[$0] : old[$0] }
        }
        let unit = kind == 2 ? 8 : 1
        var isNew: [Int: Bool] = [:]
        for place in differing where isNew[place / unit] == nil {
            isNew[place / unit] = numbers.below(2) == 0
        }
        return old.indices.map { isNew[$0 / unit] == true ? new[$0] : old[$0] }
    }
}

extension Tape {
    /// Chooses images of all epochs, about so many.
    func plans(_ countMax: Int, seed: UInt64) -> [ImagePlan] {
        var numbers = SeededGenerator(seed: seed)
        // Data that is on its way can be seen by nobody yet; a meta page decides.
        let weights = epochs.map { epoch in
            epoch.hasFailed ? 24 : !epoch.metaWrites.isEmpty ? 8 : epoch.writes.isEmpty ? 0 : 2
        }
        let total = max(weights.reduce(0, +), 1)
        var plans: [ImagePlan] = []
        for index in epochs.indices {
            let share = 2 + (countMax * weights[index] + total - 1) / total
            plans += maker(index).plans(share, &numbers)
        }
        return plans
    }
}

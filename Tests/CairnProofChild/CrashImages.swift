import CairnTesting
import Foundation

/// One state of the disk that a machine may be found in after it stopped.
struct CrashImage {
    let description: String
    let bytes: [UInt8]
    let presence: Presence
    /// Whether a meta page is a mixture, which LMDB takes for impossible.
    let isTorn: Bool
    let acknowledged: UInt64
    let submitted: UInt64
}

/// How an image is made of an epoch: small, so that all of them are known before the first is made.
struct ImagePlan: Hashable {
    let epoch: Int
    /// For each page that was written, which of its eight sectors are the new ones.
    var sectors: [UInt8] = []
    /// The meta page's bytes, where they are written: whole, not at all, or a mixture.
    var meta: [UInt8]?
    /// Whether the file got the length of all writes, also of those that are not there.
    var isLong = false
    var presence = Presence.present
}

/// The images that an epoch can end in.
///
/// A drive keeps a sector of 512 bytes whole, and nothing else: of what was written since the last
/// flush, any pages may be there, in any order, and any sectors of a page. A meta page is written in
/// one piece of 120 bytes within a sector; those are torn as well, as if sectors were smaller.
struct ImageMaker {
    static let pageByteCount = 4_096
    static let sectorByteCount = 512

    /// A page's worth of a write, or less.
    private struct Unit {
        let offset: Int
        let write: Int
        let range: Range<Int>
    }

    private let epoch: Epoch
    private let index: Int
    private let units: [Unit]
    private let oldMeta: [UInt8]

    init(_ epoch: Epoch, index: Int) {
        self.epoch = epoch
        self.index = index
        let writes = epoch.isMeta ? epoch.writes.dropLast() : epoch.writes[...]
        units = writes.enumerated().flatMap { number, write in
            Self.units(of: write, number).filter { unit in
                // Zeros behind the end change nothing but the length.
                unit.offset < epoch.durable.count || write.bytes[unit.range].contains { $0 != 0 }
            }
        }
        var old: [UInt8] = []
        if epoch.isMeta, let meta = epoch.writes.last {
            var file = epoch.durable
            for write in writes { Tape.apply(write, to: &file) }
            old = Array(file[meta.offset..<meta.offset + meta.bytes.count])
        }
        oldMeta = old
    }

    private static func units(of write: PendingWrite, _ number: Int) -> [Unit] {
        var units: [Unit] = []
        var start = 0
        while start < write.bytes.count {
            let offset = write.offset + start
            let room = pageByteCount - offset % pageByteCount
            let end = min(start + room, write.bytes.count)
            units.append(Unit(offset: offset, write: number, range: start..<end))
            start = end
        }
        return units
    }

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
        if let meta = epoch.writes.last, epoch.isMeta {
            for torn in tornMetas(meta.bytes, countMax, &numbers) {
                // Nothing stands before it, unless a flush has failed.
                add(plan(units.map { _ in numbers.below(2) == 0 ? 0 : 0xFF }, meta: torn))
            }
        } else {
            for sectors in sectorChoices(countMax, &numbers) {
                add(plan(sectors, isLong: numbers.below(2) == 0))
            }
        }
        return plans
    }

    private func plan(
        _ sectors: [UInt8],
        meta: [UInt8]? = nil,
        isLong: Bool = false
    ) -> ImagePlan {
        ImagePlan(epoch: index, sectors: sectors, meta: meta, isLong: isLong)
    }

    private func sectors(_ mask: UInt8) -> [UInt8] {
        Array(repeating: mask, count: units.count)
    }

    private func sectorChoices(_ countMax: Int, _ numbers: inout SeededGenerator) -> [[UInt8]] {
        var choices = [sectors(0xFF), sectors(0)]
        let count = units.count
        if count < 16, 1 << count <= countMax / 2 {
            for subset in 0..<1 << count {
                choices.append((0..<count).map { subset >> $0 & 1 == 1 ? 0xFF : 0 })
            }
        } else {
            for place in 0..<count {
                var one = sectors(0)
                one[place] = 0xFF
                choices.append(one)
                choices.append(one.map { ~$0 })
            }
            // Of many, not always the same ones.
            for place in stride(from: choices.count - 1, to: 2, by: -1) {
                choices.swapAt(place, 2 + numbers.below(place - 1))
            }
            choices = Array(choices.prefix(2 + countMax / 2))
        }
        for _ in 0..<(count == 0 ? 0 : 2 * countMax) {
            choices.append(
                (0..<count).map { _ in
                    switch numbers.below(5) {
                    case 0, 1: 0
                    case 2, 3: 0xFF
                    default: UInt8(numbers.below(256))
                    }
                }
            )
        }
        return choices
    }

    private func tornMetas(
        _ new: [UInt8],
        _ countMax: Int,
        _ numbers: inout SeededGenerator
    ) -> [[UInt8]] {
        let count = new.count
        func mixture(_ isNew: (Int) -> Bool) -> [UInt8] {
            (0..<count).map { isNew($0) ? new[$0] : oldMeta[$0] }
        }
        var metas = [new, oldMeta]
        // Only where the old and the new one differ does a cut between them mean anything.
        let differing = (0..<count).filter { new[$0] != oldMeta[$0] }
        for cut in differing {
            metas.append(mixture { $0 < cut })
            metas.append(mixture { $0 >= cut })
        }
        for place in stride(from: metas.count - 1, to: 2, by: -1) {
            metas.swapAt(place, 2 + numbers.below(place - 1))
        }
        metas = Array(metas.prefix(2 + countMax / 2))
        for round in 0..<4 * countMax {
            // Words of eight bytes as a bus moves them, and single bytes.
            let unit = round % 3 == 0 ? 1 : 8
            let mask = numbers.next()
            let other = numbers.next()
            metas.append(
                mixture { place in
                    let bit = place / unit
                    return (bit < 64 ? mask >> UInt64(bit) : other >> UInt64(bit - 64)) & 1 == 1
                }
            )
        }
        return metas
    }

    /// The image itself.
    func image(_ plan: ImagePlan) -> CrashImage {
        var bytes = epoch.durable
        if plan.isLong || epoch.isMeta {
            let end = epoch.writes.map { $0.offset + $0.bytes.count }.max() ?? 0
            if end > bytes.count {
                bytes.append(contentsOf: repeatElement(0, count: end - bytes.count))
            }
        }
        for (unit, mask) in zip(units, plan.sectors) where mask != 0 {
            put(unit, mask, &bytes)
        }
        var isTorn = false
        if let meta = plan.meta, let write = epoch.writes.last {
            Tape.apply(PendingWrite(offset: write.offset, bytes: meta), to: &bytes)
            isTorn = meta != write.bytes && meta != oldMeta
        }
        return CrashImage(
            description: description(plan, isTorn: isTorn),
            bytes: bytes,
            presence: plan.presence,
            isTorn: isTorn,
            acknowledged: epoch.acknowledged,
            submitted: epoch.submitted
        )
    }

    private func put(_ unit: Unit, _ mask: UInt8, _ bytes: inout [UInt8]) {
        var start = unit.range.lowerBound
        var offset = unit.offset
        while start < unit.range.upperBound {
            let room = Self.sectorByteCount - offset % Self.sectorByteCount
            let end = min(start + room, unit.range.upperBound)
            let sector = offset % Self.pageByteCount / Self.sectorByteCount
            if mask >> UInt8(sector) & 1 == 1 {
                if bytes.count < offset + end - start {
                    let missing = offset + end - start - bytes.count
                    bytes.append(contentsOf: repeatElement(0, count: missing))
                }
                Tape.copy(epoch.writes[unit.write].bytes, start..<end, to: offset, of: &bytes)
            }
            offset += end - start
            start = end
        }
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { String($0, radix: 16) }.joined(separator: ".")
    }

    private func description(_ plan: ImagePlan, isTorn: Bool) -> String {
        var words = "epoch \(plan.epoch), at \(epoch.acknowledged) of \(epoch.submitted)"
        if plan.presence != .present { return words + ", \(plan.presence)" }
        if plan.sectors.contains(where: { $0 != 0xFF }) {
            words += ", sectors \(Self.hexadecimal(plan.sectors))"
        }
        if let meta = plan.meta {
            words += isTorn ? ", torn meta page" : ", meta page \(meta == oldMeta ? "old" : "new")"
            if isTorn { words += " " + Self.hexadecimal(meta) }
        }
        return words + (plan.isLong ? ", long" : "")
    }
}

extension Tape {
    /// Chooses images of all epochs, about so many.
    func plans(_ countMax: Int, seed: UInt64) -> [ImagePlan] {
        var numbers = SeededGenerator(seed: seed)
        // Data that is on its way can be seen by nobody yet; a meta page decides.
        let weights = epochs.map { epoch in
            epoch.hasFailed ? 12 : epoch.isMeta ? 2 : epoch.writes.isEmpty ? 0 : 1
        }
        let total = max(weights.reduce(0, +), 1)
        var plans: [ImagePlan] = []
        for (index, epoch) in epochs.enumerated() {
            let share = 2 + (countMax * weights[index] + total - 1) / total
            plans += ImageMaker(epoch, index: index).plans(share, &numbers)
        }
        return plans
    }

    func image(_ plan: ImagePlan) -> CrashImage {
        ImageMaker(epochs[plan.epoch], index: plan.epoch).image(plan)
    }
}

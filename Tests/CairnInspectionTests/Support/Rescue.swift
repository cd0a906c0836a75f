import CairnCore

@testable import CairnLMDB

/// What a rescue delivered: the packs joined, and the report.
struct Rescue {
    let report: SalvageReport
    let packs: [[UInt8]]
    let isContiguous: Bool

    init(_ path: String) throws {
        var packs: [[UInt8]] = []
        var next = Position.first
        var isContiguous = true
        report = try JournalInspector.salvage(path: path) { pack, positions in
            if positions.lowerBound != next { isContiguous = false }
            next = positions.upperBound.next
            packs.append(pack.array())
        }
        self.packs = packs
        self.isContiguous = isContiguous && next == report.lastPosition.next
    }

    /// Whether what was delivered is the beginning of what another rescue delivered.
    func isBeginning(of whole: Rescue) -> Bool {
        isContiguous && packs.count <= whole.packs.count
            && zip(packs, whole.packs).allSatisfy { $0 == $1 }
    }
}

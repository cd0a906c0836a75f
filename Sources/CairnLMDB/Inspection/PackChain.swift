internal import CairnCore
internal import CairnJournal

/// A pack that was found whole, as a link of the chain of running hashes.
struct PackLink {
    let first: Position
    let last: Position
    let previousHash: RunningHash
    let hash: RunningHash

    /// Checks a pack and all its frames; nil if any part is damaged.
    init?(_ pack: RawSpan) {
        guard let header = try? PackHeader(inspecting: pack) else { return nil }
        let hash = header.forEachFrame(in: pack) { _, _ in
        } body: { _, _ in
        }
        guard let hash else { return nil }
        first = header.firstPosition
        last = header.lastPosition
        previousHash = header.previousHash
        self.hash = hash
    }
}

/// How far a chain of packs has come.
struct ChainEnd: Hashable {
    var position: Position
    var hash: RunningHash

    static let start = ChainEnd(position: .zero, hash: .zero)
}

/// Walks the packs of one commit's journal table as far as the chain holds.
struct PackChain {
    let reader: PageReader
    let tree: TreeRecord
    let firstRetainedPosition: Position

    struct Outcome {
        var end: ChainEnd
        var packCount = 0
        var faults: [PageFault] = []
    }

    /// Walks the table; stops at the first pack that is damaged or does not continue.
    ///
    /// - Parameter deliver: Gets each pack of the chain, and says whether to go on.
    /// - Returns: The packs that follow one another.
    func run(deliver: (RawSpan, PackLink) -> PageFlow) -> Outcome {
        var outcome = Outcome(end: .start)
        // After retention the first pack's own word for the hash before it is all there is.
        var mayStartLater = firstRetainedPosition > .first
        var buffer: [UInt8] = []
        // The pages of the file, not of a meta page that may be torn, are the bound.
        let walk = TreeWalk(reader: reader, lastPage: .max, ledger: PageLedger())
        var faults: [PageFault] = []
        walk.run(tree) { fault in
            if faults.count < VerifyReport.damageCountMax { faults.append(fault) }
        } visit: { node in
            do throws(PageFault) {
                return try node.read(with: reader, into: &buffer) { _, pack in
                    guard let link = PackLink(pack) else {
                        outcome.faults.append(reader.fault(node.valuePage, "a pack is damaged"))
                        return .stop
                    }
                    if mayStartLater, link.first...link.last ~= firstRetainedPosition {
                        outcome.end.position = link.first.previous
                        outcome.end.hash = link.previousHash
                    }
                    mayStartLater = false
                    guard link.first == outcome.end.position.next,
                        link.previousHash == outcome.end.hash
                    else {
                        let reason = "a pack does not continue the one before it"
                        outcome.faults.append(reader.fault(node.valuePage, reason))
                        return .stop
                    }
                    outcome.end = ChainEnd(position: link.last, hash: link.hash)
                    outcome.packCount += 1
                    return deliver(pack, link)
                }
            } catch {
                outcome.faults.append(error)
                return .stop
            }
        }
        outcome.faults = faults + outcome.faults
        return outcome
    }
}

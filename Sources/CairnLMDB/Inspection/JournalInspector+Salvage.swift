public import CairnCore
internal import CairnJournal

extension JournalInspector {
    /// Delivers every pack that can be rescued, in order, without gaps and unchanged.
    ///
    /// Where only the newest meta page is damaged, that is exactly the last acknowledged commit;
    /// a commit that was on its way when the machine stopped is delivered whole or not at all.
    /// Where packs are damaged, delivery ends before the first that is nowhere in the file.
    ///
    /// - Parameters:
    ///   - path: The journal's folder. Nothing in it is changed.
    ///   - receive: Gets each pack's bytes and the positions of its events. What it throws ends
    ///     the rescue.
    /// - Returns: What was saved and what was lost.
    /// - Throws: ``SalvageError``.
    /// - Complexity: Reads the packs twice, and the whole file once if a meta page or a pack is
    ///   damaged.
    public static func salvage<Failure: Error>(
        path: String,
        into receive: (RawSpan, ClosedRange<Position>) throws(Failure) -> Void
    ) throws(SalvageError<Failure>) -> SalvageReport {
        let plan: Salvage
        do throws(InspectionError) {
            plan = try Salvage(file: try LMDBFile(path: path))
        } catch {
            throw .inspection(error)
        }
        var delivery = Salvage.Delivery()
        var failure: Failure?
        func deliver(_ pack: RawSpan, _ link: PackLink) -> PageFlow {
            do throws(Failure) {
                try receive(pack, link.first...link.last)
                delivery.add(link)
                return .proceed
            } catch {
                failure = error
                return .stop
            }
        }
        if let best = plan.best {
            let outcome = best.chain.run(deliver: deliver)
            delivery.start(outcome)
        }
        if let failure { throw .receiver(failure) }
        let carved = plan.carved(after: delivery.end)
        var carvedCount = 0
        var buffer: [UInt8] = []
        for find in carved {
            let found = try? plan.reader.file.read(find.byteCount, at: find.offset, into: &buffer)
            guard found == find.byteCount else { break }
            let pack = unsafe buffer.span.bytes.extracting(0..<find.byteCount)
            // Checked again: these are the bytes that leave, whatever was read before.
            guard let link = PackLink(pack), link.hash == find.link.hash,
                deliver(pack, link) == .proceed
            else { break }
            carvedCount += 1
        }
        if let failure { throw .receiver(failure) }
        return plan.report(delivery, carvedCount: carvedCount)
    }
}

extension Salvage {
    /// What was handed over so far.
    struct Delivery {
        private(set) var end = ChainEnd.start
        private(set) var packCount = 0
        private(set) var eventCount: UInt64 = 0

        mutating func add(_ link: PackLink) {
            end = ChainEnd(position: link.last, hash: link.hash)
            packCount += 1
            eventCount += link.last.rawValue - link.first.rawValue + 1
        }

        /// Takes over where the walk of a tree ended, which is not the start after retention.
        mutating func start(_ outcome: PackChain.Outcome) {
            end = outcome.end
        }
    }

    /// The packs to add from outside the tree: none beyond a commit that is whole, because the
    /// packs of a later one may be only a part of it.
    func carved(after end: ChainEnd) -> [Carver.Find] {
        guard let carver else { return [] }
        if let best, best.isWhole, stated?.transactionID ?? 0 <= best.transactionID { return [] }
        let bound = stated?.lastPosition ?? Position(rawValue: .max)
        return carver.chain(after: end, upTo: bound)
    }

    func report(_ delivery: Delivery, carvedCount: Int) -> SalvageReport {
        let end = delivery.end.position
        let found = (carver?.finds ?? [])
            .filter { $0.link.first > end }
            .map { $0.link.first.rawValue...$0.link.last.rawValue }
        let merged = SalvageReport.merged(found)
        let known = max(stated?.lastPosition.rawValue ?? 0, merged.last?.upperBound ?? 0)
        var lost: [ClosedRange<UInt64>] = []
        if known > end.rawValue {
            lost = SalvageReport.gaps(in: end.next.rawValue...known, without: merged)
        }
        func positions(_ ranges: [ClosedRange<UInt64>]) -> [ClosedRange<Position>] {
            ranges.map { Position(rawValue: $0.lowerBound)...Position(rawValue: $0.upperBound) }
        }
        return SalvageReport(
            source: best?.source ?? .none,
            lastPosition: end,
            packCount: delivery.packCount,
            eventCount: delivery.eventCount,
            carvedPackCount: carvedCount,
            statedLastPosition: stated?.lastPosition,
            lost: positions(lost),
            stranded: positions(merged),
            faults: best?.outcome.faults ?? []
        )
    }
}

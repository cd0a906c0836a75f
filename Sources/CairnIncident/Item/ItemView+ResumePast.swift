internal import CairnCore
public import CairnDomains
internal import CairnJournal

extension ItemView {
    /// What a resume of a job would have done after a crash right behind each of its events; nil
    /// if there is no job of that name.
    ///
    /// Each decision is held against the stored facts, read in another way: nothing is sent that
    /// may have been sent and is not known to have failed, and nothing is skipped that was never
    /// sent. A decision is taken when an event of its item, or of the job, is met: what passes
    /// with time alone, such as the wait for a report, stays as it was there.
    ///
    /// - Parameters:
    ///   - name: The job's name.
    ///   - rule: How the run would treat items.
    ///   - limit: Most stretches, and most breaches, that are listed.
    /// - Returns: The past.
    /// - Throws: ``IncidentError``.
    /// - Complexity: One pass over the journal from the job's first event on; all items of the
    ///   job are kept, without their texts.
    public func resumePast(
        of name: String,
        under rule: ItemRule = .standard,
        limit: Int = 100
    ) async throws(IncidentError) -> ResumePast? {
        let bound = try await bound()
        guard let (job, row) = try await resumable(name, upTo: bound, true) else { return nil }
        var scan = ResumeScan(of: name, job.position, under: rule, limit: limit)
        try await forEachFrame(from: job.position, upTo: bound) {
            header,
            frame throws(EventCodecError) in
            try scan.take(header, frame)
            return .proceed
        }
        return scan.past(of: row, upTo: bound)
    }
}

/// A walk through a job's past that keeps, at each position, what a resume would do there.
struct ResumeScan {
    /// An item as it stands, and what is known of its sends.
    private struct Item {
        var key = ""
        var kind: ResumeKind?
        private var folded = FoldedItem()
        private var facts = SendFacts()

        /// Takes the item's next event.
        ///
        /// - Returns: The law that the past breaks there, and the one that a resume would.
        mutating func take(
            _ header: EventHeader,
            _ frame: RawSpan,
            under rule: ItemRule
        ) throws(EventCodecError) -> (String?, String?) {
            let event = try folded.take(header, frame: frame, isWhole: false)
            let broken = event.flatMap { facts.take($0.fact) }
            let decision = folded.state.resumeDecision(
                under: rule,
                isHolderGone: true,
                at: header.recordedAt
            )
            let kind = ResumeKind(decision, of: folded.state)
            self.kind = kind
            return (broken, facts.objection(to: decision, kind))
        }
    }

    private let jobStream: StreamNumber
    private let isWanted: ((ItemRequest) -> Bool)?
    private let rule: ItemRule
    private let limit: Int
    private let machine = ItemMachine()
    private var job = FoldedJob()
    private var items = StreamMap<Item>()
    private var counts = ResumeCounts()
    private var pointCount: Int64 = 0
    private var stretches: [ResumeStretch] = []
    private var stretchCount: Int64 = 0
    private var current: ResumeStretch?
    private var worst: ResumeStretch?
    private var breaches: [ResumeBreach] = []
    private var breachCount: Int64 = 0

    init(of name: String, _ first: Position, under rule: ItemRule, limit: Int) {
        // A stream's number is the position of its first event.
        jobStream = StreamNumber(rawValue: first.rawValue)
        isWanted = ItemQuery(job: name).requestFilter
        self.rule = rule
        self.limit = limit
    }

    mutating func take(_ header: EventHeader, _ frame: RawSpan) throws(EventCodecError) {
        if header.streamNumber == jobStream {
            try job.take(header, frame: frame)
        } else if items.index(of: header.streamNumber) != nil {
            try takeItem(header, frame)
        } else if let stream = header.streamID(in: frame), stream.isOfItem,
            let request = try machine.event(header, frame: frame)?.request,
            isWanted?(request) ?? true
        {
            items[header.streamNumber, default: Item()].key = request.key?.name ?? stream.key
            try takeItem(header, frame)
        } else {
            return
        }
        pointCount += 1
        counts.new = job.newCount(known: counts.known)
        note(header, frame)
    }

    private mutating func takeItem(
        _ header: EventHeader,
        _ frame: RawSpan
    ) throws(EventCodecError) {
        let number = header.streamNumber
        let old = items[number]?.kind
        let (broken, objection) = try items[number, default: Item()]
            .take(header, frame, under: rule)
        let item = items[number]
        if let old { counts.add(old, -1) }
        if let kind = item?.kind { counts.add(kind, 1) }
        for objection in [broken, objection] {
            if let objection { breach(objection, item?.key ?? "", header.position) }
        }
    }

    private mutating func breach(_ objection: String, _ key: String, _ position: Position) {
        breachCount += 1
        guard breaches.count < limit else { return }
        breaches.append(ResumeBreach(position: position, key: key, objection: objection))
    }

    /// Notes a position: as the next of a stretch, or as the first of one.
    private mutating func note(_ header: EventHeader, _ frame: RawSpan) {
        if let current, current.counts == counts { return }
        close(before: header.position)
        current = ResumeStretch(
            first: header.position,
            last: header.position,
            recordedAt: header.recordedAt,
            type: frame.extracting(header.typeRange).text(),
            counts: counts
        )
    }

    private mutating func close(before position: Position) {
        guard var stretch = current else { return }
        stretch.last = position.previous
        stretchCount += 1
        if stretches.count < limit { stretches.append(stretch) }
        if stretch.counts.park > worst?.counts.park ?? 0 { worst = stretch }
        current = nil
    }

    func past(of job: JobRow, upTo bound: Position) -> ResumePast {
        var scan = self
        scan.close(before: Position(rawValue: bound.rawValue + 1))
        return ResumePast(
            job: job,
            pointCount: scan.pointCount,
            stretches: scan.stretches,
            stretchCount: scan.stretchCount,
            worst: scan.worst,
            breaches: scan.breaches,
            breachCount: scan.breachCount
        )
    }
}

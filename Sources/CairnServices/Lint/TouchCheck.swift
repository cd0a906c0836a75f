internal import CairnCore
internal import CairnDomains

/// The touch log: parents, their order, and what its documents hold.
struct TouchCheck: TableCheck {
    /// Those that name a parent that has not come yet.
    fileprivate struct Waiting {
        var count = 0
        var marks: [LintMark] = []
        let parent: String
    }

    private let bounds: LintBounds
    private var ids: LintNames
    private var uids: LintNames
    private var sequence = LintSequence()
    private var createdAt: [UInt64: Double] = [:]
    /// Whether ``createdAt`` has all that came; if not, one that is missing there may have come.
    private var isComplete = true
    private var waiting: [UInt64: Waiting] = [:]

    init(_ bounds: LintBounds) {
        self.bounds = bounds
        ids = LintNames(bounds)
        uids = LintNames(bounds)
    }

    mutating func take(
        _ row: TableRow,
        _ mark: LintMark,
        tenant: String?,
        _ notes: inout LintNotes
    ) throws(RowFault) {
        // A bad row is there nevertheless. Rows are logged late, so only parents have their clocks
        // compared.
        let id = try row.integer(TouchTable.Column.id)
        let isNew = ids.check(id?.description, "id", mark, &notes)
        sequence.take(isNew ? id : nil, nil, mark, &notes)
        uids.check(try row.text(TouchTable.Column.uid), "uid", mark, &notes)
        _ = try TouchTable().entry(row, recordsCreation: false)
        let uid = try row.requiredText(TouchTable.Column.uid)
        let created = try row.requiredReal(TouchTable.Column.createdAt)
        notes.checkRange(created, "created_at", mark)
        guard let json = try row.json(TouchTable.Column.event),
            let fact = try? TouchFact(json: json)
        else { return }
        if let parent = fact.parent, parent.hasSameBytes(as: uid) {
            notes.add(.orphanParent, mark, "it names itself as its parent")
        } else {
            checkParent(fact.parent, created, mark, &notes)
        }
        meet(uid, created, &notes)
        notes.checkTouch(json, mark)
    }

    private mutating func checkParent(
        _ parent: String?,
        _ created: Double,
        _ mark: LintMark,
        _ notes: inout LintNotes
    ) {
        guard let parent else { return }
        let digest = parent.stableDigest
        if let begun = createdAt[digest] {
            guard created < begun else { return }
            return notes.add(
                .clockInversion,
                mark,
                "it was created before its parent \(LintNotes.shown(parent))"
            )
        }
        // One that is waited for did not come before; of others nobody knows.
        guard isComplete || waiting[digest] != nil else { return }
        guard waiting[digest] != nil || waiting.count < bounds.subjectCountMax else {
            return notes.reach(
                "parents: only the first \(bounds.subjectCountMax) missing ones are followed"
            )
        }
        var entry = waiting[digest] ?? Waiting(parent: parent)
        entry.count += 1
        if entry.marks.count < LintFinding.exampleCountMax { entry.marks.append(mark) }
        waiting[digest] = entry
    }

    private mutating func meet(_ uid: String, _ created: Double, _ notes: inout LintNotes) {
        let digest = uid.stableDigest
        if createdAt[digest] != nil || createdAt.count < bounds.nameCountMax {
            createdAt[digest] = created
        } else if isComplete {
            isComplete = false
            notes.reach(
                "parents: after the first \(bounds.nameCountMax) uids, rows are not checked for "
                    + "parents that are missing or come later"
            )
        }
        guard let early = waiting.removeValue(forKey: digest) else { return }
        early.tell(.lateParent, "its parent \(LintNotes.shown(uid)) comes later", &notes)
    }

    mutating func finish(_ notes: inout LintNotes) {
        let orphans = waiting.values.sorted { $0.first < $1.first }
        for orphan in orphans {
            let parent = LintNotes.shown(orphan.parent)
            orphan.tell(.orphanParent, "its parent \(parent) is not there", &notes)
        }
        sequence.finish(&notes)
    }
}

extension TouchCheck.Waiting {
    /// Notes all of them, the first ones where they stand.
    fileprivate func tell(_ kind: LintKind, _ detail: String, _ notes: inout LintNotes) {
        for mark in marks { notes.add(kind, mark, detail) }
        guard count > marks.count, let last = marks.last else { return }
        notes.add(kind, last, count: count - marks.count, detail)
    }

    fileprivate var first: (Int, Int) {
        guard case .line(let line) = marks[0].place else { return (marks[0].source, 0) }
        return (marks[0].source, line)
    }
}

extension LintNotes {
    /// Notes what looks like personal data in the event of a touch: where the message goes to, and
    /// its body, are left out, because there it has to be.
    fileprivate mutating func checkTouch(_ event: [UInt8], _ mark: LintMark) {
        for (name, value) in members(of: event[...]) {
            let parts: [(String, ArraySlice<UInt8>)] =
                switch name {
                case "destination", "destinations": []
                case "message": members(of: value).filter { $0.0 != "body" }
                default: [(name, value)]
                }
            for (name, value) in parts {
                guard let found = PersonalData.first(in: value) else { continue }
                return add(.personalData, mark, "\(name) has \(found)")
            }
        }
    }

    private func members(of json: ArraySlice<UInt8>) -> [(String, ArraySlice<UInt8>)] {
        let bytes = Array(json)
        let fields = (try? JSONScanner.topLevelRanges(in: bytes.span.bytes)) ?? []
        return fields.map { ($0.key, bytes[$0.range]) }
    }
}

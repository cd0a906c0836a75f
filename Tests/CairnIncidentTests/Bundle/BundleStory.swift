import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal
import CairnServices
import Testing

/// A journal, a bundle of it, and what each text of the one is in the other.
struct BundleStory {
    static let key = [UInt8](repeating: 7, count: BundleOptions.keyByteCount)
    static let madeAt = Timestamp(nanoseconds: 1_770_000_000_000_000_000)

    let original: PipelineView
    let bundle: PipelineView
    let manifest: BundleManifest
    let withheldCount: Int

    /// Makes a bundle in memory.
    init(
        _ selection: BundleSelection,
        of journal: any Journal,
        asOf: Position? = nil,
        definition: PipelineDefinition = .priorAuthorization,
        options: BundleOptions = BundleOptions(key: key)
    ) async throws {
        original = PipelineView(journal, asOf: asOf, definition: definition)
        let items = ItemView(journal, asOf: asOf)
        let gathered = try await IncidentBundle(of: selection, in: original, items, options)
        manifest = BundleManifest(gathered, options, madeAt: Self.madeAt)
        let target = MemoryJournal(clock: { .distantFuture })
        withheldCount = try await BundleWriter.write(
            gathered,
            manifest,
            definition: nil,
            to: target
        )
        bundle = PipelineView(target, definition: definition)
    }

    /// All events of the bundle but the manifest.
    func records() async throws -> [EventRecord] {
        var records: [EventRecord] = []
        let last = try await bundle.journal.head().lastPosition
        for number in 2...max(last.rawValue, 2) {
            if let record = try await bundle.journal.record(at: Position(rawValue: number)) {
                records.append(record)
            }
        }
        return records
    }

    /// Compares what both tell of requests, and whether each text has one stand-in.
    func expectSameRequests(_ ids: [String], _ comment: Comment) async throws {
        let others = try await bundle.requests(now: .unixEpoch).map(\.requestID)
        let pairs = zip(
            try await Self.timelines(of: ids, in: original),
            try await Self.timelines(of: others, in: bundle)
        )
        #expect(others.count == ids.count, comment)
        var names = Renaming()
        for (before, after) in pairs {
            names.take(before.requestID, after.requestID)
            for (row, other) in zip(before.rows, after.rows) { names.take(row, other) }
        }
        #expect(names.conflicts.isEmpty, "\(names.conflicts), \(comment)")
        for (before, after) in pairs {
            let id = before.requestID
            #expect(before.rows.map(\.sequence) == after.rows.map(\.sequence), "\(id), \(comment)")
            #expect(
                StateLines(before.state, names).lines == StateLines(after.state).lines,
                "\(id), \(comment)"
            )
            #expect(
                before.entries.map(\.anomalies) == after.entries.map(\.anomalies),
                "\(id), \(comment)"
            )
        }
    }

    /// What happened to requests, in the order in which they began: that of both journals.
    private static func timelines(
        of ids: [String],
        in view: PipelineView
    ) async throws -> [Timeline] {
        try await ids.asyncMap { try await view.timeline(of: $0) }.sorted { left, right in
            left.rows.map(\.position).lexicographicallyPrecedes(right.rows.map(\.position))
        }
    }
}

extension Timeline {
    /// The rows as they were recorded.
    fileprivate var rows: [EventRow] { entries.map(\.row).sorted { $0.sequence < $1.sequence } }
}

extension Sequence {
    func asyncMap<Value>(_ body: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await body(element)) }
        return values
    }
}

/// What texts are called in a bundle, found by laying rows beside each other.
struct Renaming {
    private var names: [[UInt8]: String] = [:]
    private var originals: [[UInt8]: String] = [:]
    /// How much earlier everything is; nil before the first row.
    private(set) var shift: TimeSpan?
    /// Texts with two stand-ins, and stand-ins of two texts.
    private(set) var conflicts: [String] = []

    func name(_ text: String) -> String { names[Array(text.utf8)] ?? text }

    func time(_ time: Timestamp) -> Timestamp { time.adding(shift ?? .zero) }

    mutating func take(_ text: String?, _ name: String?) {
        guard let text, let name, !text.utf8.elementsEqual(name.utf8) else {
            if (text == nil) != (name == nil) { conflicts.append("\(text ?? "-"): gone") }
            return
        }
        let known = names.updateValue(name, forKey: Array(text.utf8)) ?? name
        let original = originals.updateValue(text, forKey: Array(name.utf8)) ?? text
        if known != name { conflicts.append("\(text): \(known), \(name)") }
        if !original.utf8.elementsEqual(text.utf8) {
            conflicts.append("\(name): \(original), \(text)")
        }
    }

    mutating func take(_ row: EventRow, _ other: EventRow) {
        let (event, twin) = (row.event, other.event)
        take(event.tenant, twin.tenant)
        take(event.stage, twin.stage)
        take(event.eventType, twin.eventType)
        take(event.status.word, twin.status.word)
        take(event.externalReference, twin.externalReference)
        take(event.errorCode, twin.errorCode)
        take(event.errorMessage, twin.errorMessage)
        take(event.workerID, twin.workerID)
        take(event.serviceName, twin.serviceName)
        if (event.metadata == nil) != (twin.metadata == nil) { conflicts.append("metadata") }
        for (time, moved) in [
            (row.recordedAt, other.recordedAt), (event.createdAt, twin.createdAt),
            (event.startedAt, twin.startedAt), (event.completedAt, twin.completedAt),
            (event.nextRetryAt, twin.nextRetryAt),
        ] as [(Timestamp?, Timestamp?)] {
            guard let time, let moved else {
                if time != moved { conflicts.append("a time is gone") }
                continue
            }
            if moved.since(time) != shift ?? moved.since(time) { conflicts.append("\(time)") }
            shift = moved.since(time)
        }
    }
}

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

    /// What is in the bundle under the names and at the times of the original, as both tell it.
    func expectSameRequests(_ ids: [String], _ comment: Comment) async throws {
        var names = Renaming()
        for id in ids {
            let before = try await original.timeline(of: id)
            let rows = before.entries.map(\.row).sorted { $0.sequence < $1.sequence }
            let name = try #require(
                try await self.name(of: id, first: rows.first, among: ids),
                "\(id), \(comment)"
            )
            names.take(id, name)
            let after = try await bundle.timeline(of: name)
            let others = after.entries.map(\.row).sorted { $0.sequence < $1.sequence }
            #expect(rows.map(\.sequence) == others.map(\.sequence), "\(id), \(comment)")
            for (row, other) in zip(rows, others) { names.take(row, other) }
            #expect(
                StateLines(before.state, names).lines == StateLines(after.state).lines,
                "\(id), \(comment)"
            )
            #expect(before.entries.map(\.anomalies) == after.entries.map(\.anomalies))
        }
        #expect(names.conflicts.isEmpty, "\(names.conflicts), \(comment)")
    }

    /// The name that a request has in the bundle: both have their requests in one order.
    private func name(
        of id: String,
        first row: EventRow?,
        among ids: [String]
    ) async throws -> String? {
        func firsts(_ view: PipelineView) async throws -> [(Position, String)] {
            try await view.requests(now: .unixEpoch).asyncMap { request in
                let entries = try await view.timeline(of: request.requestID).entries
                return (entries.map(\.row.position).min() ?? .zero, request.requestID)
            }.sorted { $0.0 < $1.0 }
        }
        let wanted = Set(ids.map { Array($0.utf8) })
        let before = try await firsts(original).filter { wanted.contains(Array($0.1.utf8)) }
        let after = try await firsts(bundle)
        guard before.count == after.count else { return nil }
        return zip(before, after).first { $0.0.1.utf8.elementsEqual(id.utf8) }?.1.1
    }
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

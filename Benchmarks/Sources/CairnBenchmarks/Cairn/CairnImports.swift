import CBaselines
import Cairn
import Foundation

/// Files of a fleet's events, and what becomes of them when they are imported.
struct CairnImports {
    let fleet: Fleet

    private static let cells = "pagw_id, event_type, status, created_at"

    private func path(_ format: ImportFormat, in directory: String) -> String {
        "\(directory)/events.\(format.rawValue)"
    }

    /// Writes the file of a format.
    func write(_ format: ImportFormat, in directory: String) throws {
        let bytes =
            format == .xes
            ? xes()
            : Array("\(PostgresQuestions.columns.replacing(" ", with: ""))\n".utf8)
                + PostgresQuestions.lines(of: fleet, separator: ",", null: "")
        try Data(bytes).write(to: URL(fileURLWithPath: path(format, in: directory)))
    }

    /// The traces one after another, as logs have them.
    private func xes() -> [UInt8] {
        var traces: [UInt32: [Int]] = [:]
        for (index, event) in fleet.events.enumerated() {
            traces[event.request, default: []].append(index)
        }
        var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<log xes.version=\"1.0\">\n"
        func add(_ type: String, _ key: String, _ value: String) {
            text += "<\(type) key=\"\(key)\" value=\"\(value)\"/>\n"
        }
        for (request, indexes) in traces.sorted(by: { $0.key < $1.key }) {
            text += "<trace>\n"
            add("string", "concept:name", Questions.requestID(request))
            for index in indexes {
                let row = CairnMoments.event(fleet.events[index], at: index)
                text += "<event>\n"
                add("string", "concept:name", row.eventType)
                add("string", "lifecycle:transition", Self.transition(row.status))
                add("string", "org:resource", row.workerID ?? "")
                add("date", "time:timestamp", row.createdAt.rfc3339)
                text += "</event>\n"
            }
            text += "</trace>\n"
        }
        return Array((text + "</log>\n").utf8)
    }

    private static func transition(_ status: PipelineStatus) -> String {
        switch status {
        case .started: "start"
        case .completed: "complete"
        default: "ate_abort"
        }
    }

    private func cells(_ event: PipelineEvent, _ request: String) -> [String] {
        [request, event.eventType, event.status.word, event.createdAt.postgresText]
    }

    var expectedHash: UInt64 {
        var hash: UInt64 = 0
        for (index, event) in fleet.events.enumerated() {
            let row = CairnMoments.event(event, at: index)
            hash = Questions.hash([cells(row, Questions.requestID(event.request))], after: hash)
        }
        return hash
    }

    /// Imports a file into a new journal.
    func run(
        _ format: ImportFormat,
        from files: String,
        in directory: String
    ) async throws -> Outcome {
        let journal = try LMDBJournal(path: directory)
        defer { journal.close() }
        var options = ImportOptions()
        options.prefix = ""
        let importer = PipelineImporter(into: journal, options: options)
        let file = path(format, in: files)
        let clock = ContinuousClock()
        let began = clock.now
        try await importer.run([ImportInput(path: file, format: format)])
        let seconds = (clock.now - began) / .seconds(1)
        var hash: UInt64 = 0
        var requests = StreamMap<String>()
        try await journal.forEachEvent { header, frame in
            if let stream = header.streamID(in: frame) {
                requests[header.streamNumber, default: ""] = stream.key
            }
            guard let event = try? PipelineEvent(header, frame: frame) else { return .proceed }
            let request = requests[header.streamNumber] ?? ""
            hash = Questions.hash([cells(event, request)], after: hash)
            return .proceed
        }
        return Outcome(
            eventCount: importer.summary.events,
            seconds: seconds,
            byteCount: try Self.byteCount(of: file),
            hash: hash
        )
    }

    private static func byteCount(of file: String) throws -> UInt64 {
        let attributes = try FileManager.default.attributesOfItem(atPath: file)
        return (attributes[.size] as? UInt64) ?? 0
    }

    /// Takes the CSV over by one COPY, which is one commit.
    func runPostgres(from files: String, in directory: String) throws -> Outcome {
        let file = path(.csv, in: files)
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
        let schema = PostgresBaseline.schema(directory)
        let loaded = try Outcome(
            cb_postgres_load(
                schema,
                PostgresQuestions.columns,
                "FORMAT csv, HEADER",
                bytes,
                UInt64(bytes.count)
            )
        )
        var latency: UInt64 = 0
        let rows = "SELECT \(Self.cells) FROM event_tracker ORDER BY id"
        let found = try Outcome(cb_postgres_ask(schema, rows, nil, 1, false, .max, &latency))
        return Outcome(
            eventCount: found.eventCount,
            seconds: loaded.seconds,
            byteCount: UInt64(bytes.count),
            hash: found.hash
        )
    }
}

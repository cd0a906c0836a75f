import CairnCore
import CairnDomains
import CairnJournal
import CairnTestSupport
import Synchronization
import Testing

@testable import CairnServices

struct PipelineImporterTests {
    let scratch: ScratchFolder
    let journal = MemoryJournal()

    init() throws {
        scratch = try ScratchFolder()
    }

    private struct Outcome {
        var summary: ImportSummary
        var stop: ImportError?
        var bad: [ImportError] = []
    }

    private func run(
        _ paths: [String],
        _ change: (inout ImportOptions) -> Void = { _ in }
    ) async -> Outcome {
        var options = ImportOptions()
        options.batchEventCount = 3
        options.temporaryFolder = scratch.path
        change(&options)
        let importer = PipelineImporter(into: journal, options: options)
        var outcome = Outcome(summary: importer.summary)
        do throws(ImportError) {
            try await importer.run(
                paths.map { ImportInput(path: $0) },
                onBadRow: { outcome.bad.append($0) }
            )
        } catch {
            outcome.stop = error
        }
        outcome.summary = importer.summary
        return outcome
    }

    /// Requests and their `sequence_no` in the order of the journal.
    private func stored() async throws -> [String] {
        var found: [String] = []
        var rows = PipelineExport(of: journal)
        try await rows.forEachRow { row in
            found.append("\(row.request)/\(row.event.sequenceNumber ?? 0)")
        }
        return found
    }

    private func table(_ rows: [(request: String, number: Int)]) -> String {
        rows.map { Sample.json(",\"sequence_no\":\($0.number)", request: $0.request) + "\n" }
            .joined()
    }

    @Test func `a second import adds nothing`() async throws {
        let path = try scratch.file("t.jsonl", table((1...10).map { ("R\($0 % 3)", $0) }))
        let first = await run([path])
        #expect(first.stop == nil)
        #expect(first.summary.events == 10 && first.summary.requests == 3)
        #expect(first.summary.duplicates == 0 && first.summary.badRows == 0)
        let second = await run([path])
        #expect(second.summary.events == 0 && second.summary.duplicates == 10)
        #expect(try await journal.head().lastPosition == Position(rawValue: 10))
        #expect(try await stored() == (1...10).map { "R\($0 % 3)/\($0)" })
    }

    @Test func `rows without a number are not added twice either`() async throws {
        let line = Sample.json() + "\n"
        let path = try scratch.file("t.jsonl", line + line + line)
        #expect(await run([path]).summary.events == 3)
        #expect(await run([path]).summary.duplicates == 3)
    }

    @Test func `a bad row stops the import, and what stands before it is kept`() async throws {
        let rows = table((1...7).map { ("R", $0) }) + "{}\n" + table([("R", 9)])
        let outcome = await run([try scratch.file("t.jsonl", rows)])
        #expect(outcome.stop?.place == .line(8))
        #expect(outcome.stop?.reason == .missingValue(column: "pagw_id"))
        #expect(outcome.summary.events == 7)
        #expect(try await stored() == (1...7).map { "R/\($0)" })

        let mended = table((1...9).map { ("R", $0) })
        let again = await run([try scratch.file("t.jsonl", mended)])
        #expect(again.summary.events == 2 && again.summary.duplicates == 7)
    }

    @Test func `bad rows are set aside and counted if so asked`() async throws {
        let rows = "{}\n" + table([("R", 1)]) + "junk\n" + table([("R", 2)])
        let outcome = await run([try scratch.file("t.jsonl", rows)]) { $0.skipsBadRows = true }
        #expect(outcome.stop == nil)
        #expect(outcome.summary.badRows == 2 && outcome.summary.events == 2)
        #expect(outcome.bad.map(\.place) == [.line(1), .line(3)])
    }

    @Test func `a number that comes again with other content stops the import`() async throws {
        let rows =
            table([("R", 1), ("R", 2), ("R", 3)])
            + Sample.json(#","sequence_no":2,"attempt":5"#, request: "R") + "\n"
            + table([("R", 4)])
        let path = try scratch.file("t.jsonl", rows)
        let outcome = await run([path])
        guard case .refused(.eventIDConflict)? = outcome.stop?.reason else {
            Issue.record("stopped by \(String(describing: outcome.stop))")
            return
        }
        #expect(outcome.stop?.place == .line(4))
        #expect(try await stored() == ["R/1", "R/2", "R/3"])
        let skipped = await run([path]) { $0.skipsBadRows = true }
        #expect(skipped.summary.badRows == 1 && skipped.summary.events == 1)
    }

    @Test(arguments: [1, 3, 100])
    func `a request never changes its tenant`(batch: Int) async throws {
        let other = Sample.json(#","sequence_no":5"#, request: "R").replacing("anthem", with: "b")
        let rows = table([("R", 1), ("S", 1)]) + other + "\n" + table([("S", 2)])
        let path = try scratch.file("t.jsonl", rows)
        let outcome = await run([path]) { $0.batchEventCount = batch }
        #expect(outcome.stop?.place == .line(3))
        #expect(outcome.stop?.reason == .otherTenant(request: "R", known: "anthem", given: "b"))
        #expect(try await stored() == ["R/1", "S/1"])
        // Another import knows nothing but the journal.
        let alone = try scratch.file("other.jsonl", other)
        #expect(await run([alone]).stop?.reason == outcome.stop?.reason)
    }

    @Test func `cases are interleaved by time, and recorded times follow`() async throws {
        let hour = { (hour: Int) in "2025-12-25T\(hour):00:00Z" }
        let log = Sample.log(
            Sample.trace("1", Sample.event("A", at: hour(10)) + Sample.event("B", at: hour(14)))
                + Sample.trace(
                    "2",
                    Sample.event("A", at: hour(12)) + Sample.event("B", at: hour(10))
                )
        )
        let outcome = await run([try scratch.file("day.xes", log)])
        #expect(outcome.stop == nil)
        #expect(try await stored() == ["day-1/1", "day-2/2", "day-2/1", "day-1/2"])
        let noon = try Timestamp(rfc3339: "2025-12-25T12:00:00Z")
        #expect(try await journal.position(at: noon) == Position(rawValue: 3))
        let again = await run([try scratch.file("day.xes", log)]) { $0.order = .file }
        #expect(again.summary.duplicates == 4 && again.summary.events == 0)
    }

    @Test func `logs that follow each other are merged`() async throws {
        let log = { (hours: [Int]) in
            Sample.log(
                Sample.trace(
                    "1",
                    hours.map { Sample.event("A", at: "2025-12-25T\($0):00:00Z") }.joined()
                )
            )
        }
        let paths = [
            try scratch.file("a.xes", log([10, 13])), try scratch.file("b.xes", log([11, 12])),
            try scratch.file("t.jsonl", table([("R", 1)])),
        ]
        #expect(await run(paths).stop == nil)
        #expect(try await stored() == ["a-1/1", "b-1/1", "b-1/2", "a-1/2", "R/1"])
    }

    @Test func `half a log is kept and reported`() async throws {
        let log = Sample.log(Sample.trace("1", Sample.event("A") + Sample.event("B")))
        let path = try scratch.file("half.xes", String(log.prefix(log.utf8.count - 40)))
        let outcome = await run([path])
        guard case .malformedXML? = outcome.stop?.reason else {
            Issue.record("stopped by \(String(describing: outcome.stop))")
            return
        }
        #expect(outcome.summary.events >= 1)
    }

    @Test func `prefix and tenant can be given`() async throws {
        let path = try scratch.file("x.xes", Sample.log(Sample.trace("7", Sample.event("A"))))
        _ = await run([path]) {
            $0.prefix = ""
            $0.tenant = "volvo"
        }
        var rows = PipelineExport(of: journal)
        try await rows.forEachRow { row in
            #expect(row.request == "7" && row.event.tenant == "volvo")
        }
        #expect(rows.rowCount == 1)
    }

    static let hopeless: [(String, [UInt8], ImportReason)] = [
        ("empty", [], .empty),
        ("spaces", Array(" \n\n".utf8), .unknownFormat),
        ("junk", [0, 1, 2, 250, 251, 7, 44, 10, 9, 0], .unknownFormat),
        ("words", Array("hello world\n".utf8), .unknownFormat),
        ("json", Array("[1,2]\n".utf8), .unknownFormat),
    ]

    @Test(arguments: hopeless)
    func `what is in no known format is refused`(
        name: String,
        bytes: [UInt8],
        reason: ImportReason
    ) async throws {
        let outcome = await run([try scratch.file(name, bytes)])
        #expect(outcome.stop?.reason == reason)
    }

    @Test func `names that no journal takes are bad rows`() async throws {
        let long = String(repeating: "x", count: 500)
        let rows = table([("R", 1), (long, 2), ("R", 3)])
        let outcome = await run([try scratch.file("t.jsonl", rows)]) {
            $0.skipsBadRows = true
            $0.order = .time
        }
        #expect(outcome.summary.events == 2)
        #expect(outcome.bad.map(\.place) == [.line(2)])
    }

    @Test func `in the order of time nothing is there before all is read`() async throws {
        let bad = table((1...9).map { ("R", $0) }) + "{}\n"
        let path = try scratch.file("bad.jsonl", bad)
        let sorted = await run([path]) { $0.order = .time }
        #expect(sorted.stop?.place == .line(10))
        #expect(sorted.summary.events == 0)
        #expect(try await stored() == [])
        let log = Sample.log(Sample.trace("1", Sample.event("a") + "<event></event>"))
        let cases = await run([try scratch.file("log.xes", log)])
        #expect(cases.stop != nil)
        // What stands before in the order of the file is there, whatever is sorted behind it.
        let good = try scratch.file("good.jsonl", table((1...4).map { ("S", $0) }))
        let mixed = await run([good, try scratch.file("log.xes", log)])
        #expect(mixed.stop != nil)
        #expect(try await stored() == ["S/1", "S/2", "S/3", "S/4"])
    }

    @Test func `an error of the journal ends the import`() async throws {
        let path = try scratch.file("t.jsonl", table((1...9).map { ("R", $0) }))
        let importer = PipelineImporter { _ async throws(JournalError) in
            throw .outOfSpace(path: "j")
        }
        let error = await #expect(throws: ImportError.self) {
            try await importer.run([ImportInput(path: path)])
        }
        #expect(error?.reason == .journal(.outOfSpace(path: "j")))
    }

    @Test func `a mended row does not move the rows after it`() async throws {
        let rows = (0..<4).map { Sample.json(",\"attempt\":\($0 + 1)") }
        let broken = [rows[0], rows[1].replacing("10:00:00", with: "noon")] + rows[2...]
        let path = try scratch.file("t.jsonl", broken.joined(separator: "\n"))
        let first = await run([path]) { $0.skipsBadRows = true }
        #expect(first.summary.events == 3 && first.summary.badRows == 1)
        let mended = try scratch.file("t.jsonl", rows.joined(separator: "\n"))
        let second = await run([mended])
        #expect(second.stop == nil)
        #expect(second.summary.events == 1 && second.summary.duplicates == 3)
    }

    @Test func `recorded times that cannot follow are counted`() async throws {
        let day = { (day: Int) in
            Sample.log(
                Sample.trace("1", Sample.event("A", at: "2025-12-\(day)T10:00:00Z"))
            )
        }
        let newer = await run([try scratch.file("b.xes", day(25))])
        #expect(newer.summary.events == 1 && newer.summary.shiftedTimes == 0)
        let older = await run([try scratch.file("a.xes", day(24))])
        #expect(older.summary.events == 1 && older.summary.shiftedTimes == 1)
        let again = await run([try scratch.file("a.xes", day(24))])
        #expect(again.summary.duplicates == 1 && again.summary.shiftedTimes == 0)
        let table = try scratch.file("t.jsonl", table([("R", 1)]))
        #expect(await run([table]).summary.shiftedTimes == 0)
    }

    @Test(arguments: EventTrackerColumn.table.filter(\.isText))
    func `a row is at least as large as its payload`(_ column: EventTrackerColumn) throws {
        let long = String(repeating: "x", count: 10_000)
        let name = column.name
        var line = Sample.json()
        if let range = line.firstRange(of: "\"\(name)\":\"") {
            line.insert(contentsOf: long, at: range.upperBound)
        } else {
            line = Sample.json(",\"\(name)\":\"\(long)\"")
        }
        let reading = Reading.jsonLines(try scratch.file("t.jsonl", line))
        // A time cannot be long.
        guard let row = reading.rows.first else { return #expect(name.hasSuffix("_at")) }
        #expect(row.byteCount >= row.event.encoded().count && row.byteCount > 10_000)
    }

    @Test func `large rows are spread over turns`() async throws {
        let long = String(repeating: "x", count: 3 << 20)
        let rows = (1...6).map {
            Sample.json(",\"sequence_no\":\($0),\"service_name\":\"\(long)\"") + "\n"
        }
        let path = try scratch.file("t.jsonl", rows.joined())
        let turns = Mutex(0)
        let importer = PipelineImporter { [journal] body async throws(JournalError) in
            turns.withLock { $0 += 1 }
            return try await journal.turn(body)
        }
        try await importer.run([ImportInput(path: path)])
        #expect(importer.summary.events == 6)
        #expect(turns.withLock { $0 } == 2)
    }

    @Test(arguments: [true, false])
    func `what a turn has no room for goes into the next one`(skipsBadRows: Bool) async throws {
        let rows = table((1...7).map { ("R", $0) }) + "{}\n"
        let path = try scratch.file("t.jsonl", skipsBadRows ? rows : String(rows.dropLast(3)))
        var options = ImportOptions()
        options.skipsBadRows = skipsBadRows
        let importer = PipelineImporter(options: options) {
            [journal] body async throws(JournalError) in
            try await journal.turn { scope throws(JournalError) in
                try body(NarrowScope(scope, eventCountMax: 2))
            }
        }
        try await importer.run([ImportInput(path: path)])
        #expect(importer.summary.events == 7)
        #expect(importer.summary.badRows == (skipsBadRows ? 1 : 0))
        #expect(try await stored() == (1...7).map { "R/\($0)" })
    }

    @Test(arguments: [ImportOrder.file, .time])
    func `an import that is asked to stop does so while it reads`(order: ImportOrder) async throws {
        let path = try scratch.file("t.jsonl", table((1...100).map { ("R", $0) }))
        let asked = Mutex(0)
        let outcome = await run([path]) {
            $0.order = order
            $0.batchEventCount = 10
            $0.shouldStop = {
                asked.withLock { count in
                    count += 1
                    return count > 55
                }
            }
        }
        #expect(outcome.stop?.reason == .stopped)
        #expect(outcome.stop?.place == .line(56))
        // What was read to be sorted is let go; whole batches that were sent are there.
        #expect(outcome.summary.events == (order == .file ? 50 : 0))
        #expect(try await stored().count == outcome.summary.events)
        #expect(await run([path]) { $0.order = order }.stop == nil)
        #expect(try await stored() == (1...100).map { "R/\($0)" })
    }

    @Test func `cancelling its task stops an import`() async throws {
        let path = try scratch.file("t.jsonl", table((1...9).map { ("R", $0) }))
        let importer = Task { [self] in
            withUnsafeCurrentTask { $0?.cancel() }
            return await run([path])
        }
        #expect(await importer.value.stop?.reason == .stopped)
    }

    @Test func `an importer that was stopped can run again`() async throws {
        let log = Sample.log(Sample.trace("1", Sample.event("A") + Sample.event("B")))
        let good = try scratch.file("good.xes", log)
        let taken = try scratch.file("taken.xes", log.replacing("\"A\"", with: "\"C\""))
        var options = ImportOptions()
        options.prefix = "p"
        let importer = PipelineImporter(into: journal, options: options)
        try await importer.run([ImportInput(path: good)])
        let error = await #expect(throws: ImportError.self) {
            try await importer.run([ImportInput(path: taken)])
        }
        #expect(error?.source == taken)
        try await importer.run([ImportInput(path: good)])
        #expect(importer.summary.events == 2 && importer.summary.duplicates == 2)
    }

    @Test func `progress ends with all bytes and all events`() async throws {
        let text = table((1...100).map { ("R", $0) })
        let path = try scratch.file("t.jsonl", text)
        var last = ImportProgress()
        var calls = 0
        try await PipelineImporter(into: journal).run(
            [ImportInput(path: path)],
            onProgress: {
                last = $0
                calls += 1
            }
        )
        #expect(calls > 0 && last.events == 100)
        #expect(last.bytes == text.utf8.count && last.byteCount == text.utf8.count)
    }
}

/// A turn that has room for a few events only.
private final class NarrowScope: TurnScope {
    private let base: any TurnScope
    private var left: Int

    init(_ base: any TurnScope, eventCountMax: Int) {
        self.base = base
        left = eventCountMax
    }

    var now: Timestamp { base.now }
    var clockNow: Timestamp { base.clockNow }

    func lastSequence(of stream: StreamID) throws(JournalError) -> SequenceNumber {
        try base.lastSequence(of: stream)
    }

    func receipt(of id: EventID) throws(JournalError) -> Receipt? { try base.receipt(of: id) }

    func forEachEvent(
        of stream: StreamID,
        from sequence: SequenceNumber,
        _ body: (EventHeader, RawSpan) -> PageFlow
    ) throws(JournalError) {
        try base.forEachEvent(of: stream, from: sequence, body)
    }

    func append(
        _ events: [NewEvent],
        to stream: StreamID,
        expecting expected: ExpectedSequence
    ) throws(JournalError) -> [Receipt] {
        guard left >= events.count else {
            throw .limit(.turnTooLarge(byteCount: 1, byteCountMax: 0))
        }
        left -= events.count
        return try base.append(events, to: stream, expecting: expected)
    }
}

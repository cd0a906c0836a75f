import Cairn
import CairnTestSupport
import Foundation
import Testing

/// The tool is killed in the middle of its work: what it left is whole, and doing it again ends it.
struct KillTests {
    /// Runs a verb and kills it as soon as the journal goes beyond a position; at once for nil.
    ///
    /// - Returns: How it ended: a fast machine may have been done before.
    private static func kill(
        _ line: String,
        in folder: ScratchFolder,
        beyond position: UInt64?
    ) async throws -> ChildEnd {
        let arguments = line.split(separator: " ").map(String.init)
        var command = try CairnProcess.command(arguments + ["--journal", "j"], in: folder.url)
        command.output = .file(folder.path("output"))
        command.error = .file(folder.path("error"))
        let process = try await command.start()
        if let position {
            var journal: LMDBJournal?
            while process.isRunning {
                if journal == nil {
                    journal = try? LMDBJournal(path: folder.path("j"), configuration: .readOnly)
                }
                if let head = try journal?.head(), head.lastPosition.rawValue > position { break }
                await Task.yield()
            }
            journal?.close()
        }
        process.send(SIGKILL)
        return try await process.end()
    }

    private static func lastPosition(_ folder: ScratchFolder) throws -> UInt64 {
        let journal = try LMDBJournal(path: folder.path("j"), configuration: .readOnly)
        defer { journal.close() }
        return try journal.head().lastPosition.rawValue
    }

    @Test(arguments: [UInt64?.none, 0, 9_000, 30_000])
    func `an import of a provider's rows that was killed goes on where it was`(
        position: UInt64?
    ) async throws {
        let count = 20_000
        var rows =
            "id,interaction_uuid,customer_id,idempotency_key,channel,status,body_content,"
            + "notify_reference,provider_reference,meta_data,created_at\n"
        for number in 1...count {
            rows += "\(number),u-\(number),\(number % 99),k-\(number),SMS,SENT,,,SM\(number),,"
            rows += "2026-02-02 10:00:00+00\n"
        }
        let folder = try ScratchFolder()
        try folder.file("rows.csv", rows)
        let line = "import rows.csv --as interaction --provider twilio"
        let end = try await Self.kill(line, in: folder, beyond: position)
        #expect(end == .signal(SIGKILL) || end == .exit(0))
        func cairn(_ line: String) async throws -> CairnProcess {
            let arguments = line.split(separator: " ").map(String.init)
            return try await CairnProcess.run(arguments + ["--journal", "j"], in: folder.url)
        }
        if FileManager.default.fileExists(atPath: folder.path("j/data.mdb")) {
            let verified = try await cairn("verify")
            #expect(verified.status == 0, "\(verified.error)")
        }
        let again = try await cairn("\(line) --format json")
        #expect(again.status == 0, "\(again.error)")
        let export = try await cairn("export --as interaction --to csv")
        let lines = export.output.split(separator: "\n").dropFirst()
        #expect(lines.count == count)
        #expect(lines.enumerated().allSatisfy { $1.hasPrefix("\($0 + 1),u-\($0 + 1),") })
        let third = try await cairn("\(line) --format json")
        #expect((third.json as? [String: Any])?["events"] as? Int == 0, "\(third.output)")
        #expect(try await cairn("verify").status == 0)
        // A report finds the send, however far the first import came.
        let journal = try LMDBJournal(path: folder.path("j"))
        defer { journal.close() }
        for number in [1, count / 2, count] {
            let reference = try ReferenceMachine.stream(
                provider: "twilio",
                reference: "SM\(number)"
            )
            #expect(try journal.lastSequence(of: reference).rawValue == 1, "\(number)")
        }
    }

    @Test func `a request whose removal was killed is there or gone, and goes when asked again`()
        async throws
    {
        let (requestCount, eventCount) = (8, 200)
        var rows = "tenant,pagw_id,stage,event_type,status,sequence_no,created_at\n"
        for number in 1...eventCount {
            for request in 0..<requestCount {
                rows += "a,R-\(request),S,E,COMPLETED,\(number),2025-12-25T10:00:00Z\n"
            }
        }
        let folder = try ScratchFolder()
        try folder.file("rows.csv", rows)
        func cairn(_ line: String) async throws -> CairnProcess {
            let arguments = line.split(separator: " ").map(String.init)
            return try await CairnProcess.run(arguments + ["--journal", "j"], in: folder.url)
        }
        #expect(try await cairn("import rows.csv").status == 0)
        for request in 0..<requestCount {
            // With tables to be removed after the removal.
            #expect(try await cairn("index").status == 0)
            let before = try Self.lastPosition(folder)
            let line = "forget --request R-\(request) --yes --format json"
            _ = try await Self.kill(line, in: folder, beyond: request % 4 == 0 ? nil : before)
            let after = try Self.lastPosition(folder)
            // The entry in the list and the removal, or neither.
            #expect(after == before || after == before + 2)
            #expect(try await cairn("verify").status == 0)
            let again = try await cairn(line)
            let count = after == before ? eventCount : 0
            #expect((again.json as? [String: Any])?["removed_count"] as? Int == count)
            #expect(try Self.lastPosition(folder) == before + 2)
            let state = try await cairn("state R-\(request)")
            #expect(state.status == 66 && state.error.contains("was removed at"))
            let summary = try await cairn("summary --since 2025-12-25T00:00:00Z --format json")
            let hours = summary.json as? [[String: Any]] ?? []
            let left = (requestCount - request - 1) * eventCount
            #expect(hours.reduce(0) { $0 + ($1["event_count"] as? Int ?? 0) } == left)
        }
    }
}

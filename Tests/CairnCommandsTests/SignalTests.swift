import CairnTestSupport
import Foundation
import Testing

/// What others do to the tool: close its output, stop it, or take its file away.
struct SignalTests {
    @Test func `an output that nobody reads any more is no noise`() async throws {
        let folder = try ScratchFolder()
        _ = try await folder.cairn("demo", "--journal", "j", "--format", "json")
        var command = try CairnProcess.command(["export", "--journal", "j"], in: folder.url)
        let pipe = Pipe()
        command.output = .descriptor(pipe.fileHandleForWriting.fileDescriptor)
        command.error = .file(folder.path("error"))
        let process = try await command.start()
        try pipe.fileHandleForWriting.close()
        _ = try pipe.fileHandleForReading.read(upToCount: 10)
        try pipe.fileHandleForReading.close()
        #expect(try await process.end() == .exit(0))
        #expect(try folder.text("error") == "")
    }

    @Test(arguments: [SIGBUS, SIGSEGV, SIGABRT])
    func `what LMDB traps on ends with one line and 74`(_ signal: Int32) async throws {
        let fixture = try await Fixture()
        var command = try CairnProcess.command(
            ["tail", "--follow", "--journal", "j"],
            in: fixture.folder.url
        )
        let pipe = Pipe()
        command.output = .descriptor(pipe.fileHandleForWriting.fileDescriptor)
        command.error = .file(fixture.folder.path("error"))
        let process = try await command.start()
        try pipe.fileHandleForWriting.close()
        // Once it has shown the journal's end, it waits for more.
        _ = try pipe.fileHandleForReading.read(upToCount: 10)
        process.send(signal)
        #expect(try await process.end() == .exit(74))
        let lines = try fixture.folder.text("error").split(separator: "\n")
        #expect(lines.count == 1)
        #expect(lines.first?.contains("cairn verify") == true)
    }

    @Test func `tail goes on with what another process appends`() async throws {
        let fixture = try await Fixture()
        var command = try CairnProcess.command(
            ["tail", "--follow", "-n", "1", "--format", "json", "--journal", "j"],
            in: fixture.folder.url
        )
        let pipe = Pipe()
        command.output = .descriptor(pipe.fileHandleForWriting.fileDescriptor)
        let process = try await command.start()
        try pipe.fileHandleForWriting.close()
        var seen = Data()
        func readLines(_ count: Int) throws {
            while seen.count(where: { $0 == UInt8(ascii: "\n") }) < count {
                guard let more = try pipe.fileHandleForReading.read(upToCount: 1), !more.isEmpty
                else { return }
                seen += more
            }
        }
        try readLines(1)
        try fixture.folder.file(
            "more.csv",
            "tenant,pagw_id,stage,event_type,status,sequence_no,created_at\n"
                + "anthem,R-5,PARSING,PARSE_START,STARTED,1,2025-12-25T10:30:00Z\n"
        )
        #expect(try await fixture.cairn("import more.csv").status == 0)
        try readLines(2)
        let lines = String(decoding: seen, as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.last?.contains(#""position":11"#) == true)
        #expect(lines.last?.contains(#""pagw_id":"R-5""#) == true)
        try await process.terminate()
    }

    @Test func `an import that is interrupted keeps what it committed`() async throws {
        let folder = try ScratchFolder()
        var rows = Fixture.csv.split(separator: "\n").prefix(1).joined() + "\n"
        for number in 1...60_000 {
            rows += "\(number),a,R-\(number % 500),S,E,COMPLETED,\(number),1,t,,,,,,"
            rows += "2025-12-25T10:00:00Z,\n"
        }
        try folder.file("rows.csv", rows)
        var command = try CairnProcess.command(
            ["import", "rows.csv", "--journal", "j"],
            in: folder.url
        )
        command.error = .file(folder.path("error"))
        let process = try await command.start()
        // Once something is committed it listens.
        while true {
            let isRunning = process.isRunning
            let info = try await folder.cairn("info", "--journal", "j").output
            if info.contains("last_position"), !info.contains("last_position  0") { break }
            try #require(isRunning, "it has ended and committed nothing")
        }
        process.send(SIGINT)
        let end = try await process.end()
        // It may have been done before, or have been making tables, which an interrupt just ends.
        if end == .exit(0) || end == .signal(SIGINT) {
            let info = try await folder.cairn("info", "--journal", "j", "--format", "json")
            #expect((info.json as? [String: Any])?["events"] as? Int == 60_000)
        } else {
            #expect(end == .exit(130))
            #expect(try folder.text("error").contains("interrupted"))
        }
        #expect(try await folder.cairn("verify", "--journal", "j").status == 0)
        let again = try await folder.cairn("import", "rows.csv", "--journal", "j")
        #expect(again.status == 0, "\(again.error)")
        let info = try await folder.cairn("info", "--journal", "j", "--format", "json")
        #expect((info.json as? [String: Any])?["events"] as? Int == 60_000)
    }

    @Test func `Ctrl-C is heard while rows are only read to be sorted`() async throws {
        let folder = try ScratchFolder()
        var command = try CairnProcess.command(
            ["import", "-", "--order", "time", "--journal", "j"],
            in: folder.url
        )
        let pipe = Pipe()
        command.input = .descriptor(pipe.fileHandleForReading.fileDescriptor)
        command.error = .file(folder.path("error"))
        let process = try await command.start()
        try pipe.fileHandleForReading.close()
        let row = "a,R-1,S,E,2025-12-25T10:00:00Z\n"
        let header = "tenant,pagw_id,stage,event_type,created_at\n"
        let rows = String(repeating: row, count: 10_000)
        // More than a pipe holds: once it is written, the import is reading.
        try pipe.fileHandleForWriting.write(contentsOf: Data((header + rows).utf8))
        process.send(SIGINT)
        try pipe.fileHandleForWriting.close()
        #expect(try await process.end() == .exit(130))
        #expect(try folder.text("error").contains("interrupted; new events in the journal: 0"))
    }
}

import Cairn
import CairnTestSupport
import Foundation
import Testing

/// There is no room for tables beside the journal: nothing is lost, and answers are the same.
struct FullTablesTests {
    /// Imports rows, and says what the tool said of them.
    private static func importEvents(
        _ numbers: ClosedRange<Int>,
        into folder: ScratchFolder
    ) async throws -> String {
        var rows = "id,level,event_type,lead_id,payload,created_at\n"
        for number in numbers {
            let level = number % 50 == 0 ? "error" : "info"
            rows += "\(number),\(level),s.a\(number % 7),\(number % 900),{},2026-01-01T00:00:00Z\n"
        }
        try folder.file("rows.csv", rows)
        let imported = try await cairn("import rows.csv --as system", in: folder)
        try #require(imported.status == 0, "\(imported.error)")
        return imported.error
    }

    private static func cairn(
        _ line: String,
        in folder: ScratchFolder
    ) async throws -> CairnProcess {
        let arguments = line.split(separator: " ").map(String.init)
        return try await CairnProcess.run(arguments + ["--journal", "j"], in: folder.url)
    }

    private static let questions = [
        "events --level error --format json", "events --lead-id 5 --format json",
        "events --type s.a3 --level error --format json",
    ]

    private static func answers(in folder: ScratchFolder) async throws -> [String] {
        var answers: [String] = []
        for line in questions {
            let run = try await cairn(line, in: folder)
            #expect(run.status == 0, "\(line): \(run.error)")
            answers.append(run.output)
        }
        return answers
    }

    @Test(.enabled(if: getuid() == 0, "only root can mount a small disk"))
    func `tables that find no room cost time and nothing else`() async throws {
        let folder = try ScratchFolder()
        #expect(try await Self.importEvents(1...4_000, into: folder) == "")
        let tables = folder.path("j/projections")
        try folder.remove("j/projections")
        let expected = try await Self.answers(in: folder)
        #expect(Set(expected).count == 3 && expected.allSatisfy { $0.utf8.count > 500 })
        try FileManager.default.createDirectory(
            atPath: tables,
            withIntermediateDirectories: false
        )
        func mount(_ options: String) async throws -> Bool {
            var mount = ChildCommand(
                "/usr/bin/env",
                ["mount", "-t", "tmpfs", "-o", options, "cairn-test", tables]
            )
            mount.error = .nothing
            return try await mount.run() == .exit(0)
        }
        guard try await mount("size=64k") else {
            print("skipped: no disk can be mounted here")
            return
        }
        defer { umount2(tables, 0) }
        let head = try await Self.cairn("info --format json", in: folder).output
        for line in ["index", "index --rebuild"] {
            let full = try await Self.cairn(line, in: folder)
            #expect(full.status == 74, "\(line): \(full.status)")
            #expect(full.error.contains("no space left"), "\(full.error)")
            #expect(full.error.split(separator: "\n").count == 1, "\(full.error)")
            #expect(try await Self.answers(in: folder) == expected)
        }
        #expect(try await Self.cairn("verify", in: folder).status == 0)
        #expect(try await Self.cairn("info --format json", in: folder).output == head)
        let note = try await Self.importEvents(4_001...5_000, into: folder)
        #expect(note.hasPrefix("cairn: import: everything is imported, but the tables"), "\(note)")
        #expect(note.contains("no space left") && note.split(separator: "\n").count == 1, "\(note)")
        let later = try await Self.answers(in: folder)
        #expect(later.first != expected.first)
        // With room again they are made as if nothing had been.
        guard try await mount("remount,size=16m") else {
            Issue.record("the disk cannot be made larger")
            return
        }
        let indexed = try await Self.cairn("index", in: folder)
        #expect(indexed.status == 0, "\(indexed.error)")
        #expect(try await Self.cairn("index --check", in: folder).status == 0)
        #expect(try await Self.answers(in: folder) == later)
    }
}

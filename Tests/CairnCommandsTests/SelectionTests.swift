import CairnTestSupport
import Testing

/// What `--where` and the other selections choose from.
struct SelectionTests {
    @Test(arguments: ["position > 8", "recorded_at >= 2025-12-25T10:04:00Z", "sequence == 3"])
    func `find and export select by the same places`(predicate: String) async throws {
        let fixture = try await Fixture()
        let columns = "pagw_id,sequence_no"
        let find = ["find", "--where", predicate, "--columns", columns, "--format", "json"]
        let found = try await fixture.cairn(find)
        let exported = try await fixture.cairn(["export", "--where", predicate])
        #expect(found.status == 0 && exported.status == 0, "\(exported.error)")
        let rows = try #require(found.json as? [[String: Any]])
        #expect(rows.count == 2)
        #expect(exported.output.split(separator: "\n").count == rows.count)
        for row in rows {
            let id = try #require(row["pagw_id"] as? String)
            #expect(exported.output.contains("\"pagw_id\":\"\(id)\""))
        }
    }

    @Test func `requests are selected by the metadata of their latest row`() async throws {
        let fixture = try await Fixture()
        let run = try await fixture.cairn([
            "requests", "--where", "metadata.diagnosisCount > 1", "--format", "json",
        ])
        let rows = try #require(run.json as? [[String: Any]])
        #expect(rows.compactMap { $0["pagw_id"] as? String } == ["R-4", "R-1"])
    }

    @Test func `ids that look the same are told apart`() async throws {
        let scratch = try ScratchFolder()
        let rows = ["caf\u{E9}", "cafe\u{301}"].map { id in
            #"{"tenant":"t","pagw_id":"\#(id)","stage":"S","event_type":"E","status":"STARTED","#
                + #""created_at":"2025-12-25T10:00:00Z","sequence_no":1}"# + "\n"
        }
        try scratch.file("rows.jsonl", rows.joined())
        func cairn(_ arguments: String...) async throws -> CairnProcess {
            try await CairnProcess.run(arguments + ["--journal", "j"], in: scratch.url)
        }
        let imported = try await cairn("import", "rows.jsonl")
        #expect(imported.status == 0, "\(imported.error)")
        let all = try await cairn("requests", "--format", "json")
        #expect((all.json as? [Any])?.count == 2)
        let one = try await cairn("export", "--request", "cafe\u{301}")
        #expect(one.output.split(separator: "\n").count == 1)
        #expect(Array(one.output.utf8).contains(0xCC))
    }
}

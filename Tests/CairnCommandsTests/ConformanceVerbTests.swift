import CairnTestSupport
import Foundation
import Testing

/// `cairn conformance`: what it prints, what it writes, and how it ends.
struct ConformanceVerbTests {
    private static let now = "--now 2025-12-25T10:20:00Z"

    @Test func `requests that departed are counted by kind and listed`() async throws {
        let fixture = try await Fixture()
        let before = try fixture.bytes()
        let run = try await fixture.cairn("conformance \(Self.now) --tenant other")
        #expect(
            run.output
                == """
                request_count   1
                event_count     2
                departed_count  1
                share           100.0%

                kind                about  request_count   share  event_count  first_seen                last_seen
                out_of_order_stage  path               1  100.0%            1  2025-12-25T10:04:58.745Z  2025-12-25T10:04:58.745Z
                skipped_stage       path               1  100.0%            1  2025-12-25T10:04:58.745Z  2025-12-25T10:04:58.745Z
                no_terminal_event   path               1  100.0%            1  2025-12-25T10:10:00Z      2025-12-25T10:10:00Z

                pagw_id  kind                event_count  at                        position  sequence_no  stage    event_type   skipped_stage
                R-4      out_of_order_stage            1  2025-12-25T10:04:58.745Z         9            1  PARSING  PARSE_START  -
                R-4      skipped_stage                 1  2025-12-25T10:04:58.745Z         9            1  PARSING  PARSE_START  ORCHESTRATION
                R-4      no_terminal_event             1  2025-12-25T10:10:00Z            10            2  PARSING  PARSE_OK     -

                """
        )
        #expect(run.error == "")
        #expect(run.status == 0)
        #expect(try fixture.bytes() == before)
    }

    @Test func `an alert gets JSON, and an exit code that says whether there is a finding`()
        async throws
    {
        let fixture = try await Fixture()
        let line = "conformance --check --kind skipped_stage \(Self.now) --format json"
        let found = try await fixture.cairn(line)
        #expect(found.status == 1)
        #expect(found.error == "")
        #expect(
            found.output == """
                {"request_count":4,"event_count":10,"departed_count":1,"share":0.25,"kinds":[{"kind":\
                "skipped_stage","about":"path","request_count":1,"share":0.25,"event_count":1,\
                "first_seen":"2025-12-25T10:04:58.745000Z",\
                "last_seen":"2025-12-25T10:04:58.745000Z"}],"departures":[{"pagw_id":"R-4",\
                "tenant":"other","kinds":[{"kind":"skipped_stage","event_count":1,\
                "at":"2025-12-25T10:04:58.745000Z","position":9,"sequence_no":1,\
                "stage":"PARSING","event_type":"PARSE_START",\
                "skipped_stage":"ORCHESTRATION"}]}]}

                """
        )
        let none = try await fixture.cairn(line + " --tenant anthem")
        #expect(none.status == 0)
        let past = try await fixture.cairn(line + " --until 2025-12-25T10:04:00Z")
        #expect(past.status == 0)
        #expect((past.json as? [String: Any])?["request_count"] as? Int == 3)
        let chosen = try await fixture.cairn([
            "conformance", "--where", "error_code == API_TIMEOUT", "--format", "json",
        ])
        #expect((chosen.json as? [String: Any])?["request_count"] as? Int == 1)
        #expect(try await fixture.cairn("conformance --check --as-of 99").status == 65)
    }

    @Test func `variants are listed by how many requests go them`() async throws {
        let fixture = try await Fixture()
        let run = try await fixture.cairn("conformance --variants --by type --limit 1 \(Self.now)")
        #expect(
            run.output
                == """
                rank  request_count  share  cumulative_share  departed_count  median  p95  step_count  example  steps
                   1              1  25.0%             25.0%               1  1.255s  1.255s           2  R-4      PARSE_START > PARSE_OK

                and 3 more variants of 4 requests: --limit lists more

                """.replacing("median  p95  step", with: "median     p95  step")
        )
        let json = try await fixture.cairn("conformance --variants --fold-repeats --format json")
        let object = try #require(json.json as? [String: Any])
        #expect(object["variant_count"] as? Int == 2)
        let variants = try #require(object["variants"] as? [[String: Any]])
        #expect(variants.map { $0["request_count"] as? Int } == [3, 1])
        #expect(variants[0]["steps"] as? [String] == ["ORCHESTRATION", "PARSING"])
        #expect(variants[0]["cumulative_share"] as? Double == 0.75)
        #expect(variants[1]["median_ms"] as? Int == 1_255)
    }

    @Test func `a map goes to a file that must not exist, or to standard output`() async throws {
        let fixture = try await Fixture()
        let run = try await fixture.cairn("conformance --map svg -o map.svg \(Self.now)")
        #expect(run.status == 0)
        #expect(run.output == "")
        #expect(run.error == "cairn: conformance: a map of 2 nodes and 5 edges\n")
        let svg = try fixture.folder.text("map.svg")
        #expect(svg.hasPrefix("<svg xmlns=") && svg.hasSuffix("</svg>\n"))
        let again = try await fixture.cairn("conformance --map dot -o map.svg")
        #expect(again.status == 65)
        #expect(again.error.contains("--overwrite"))
        #expect(try fixture.folder.text("map.svg") == svg)
        let over = try await fixture.cairn("conformance --map dot -o map.svg --overwrite")
        #expect(over.status == 0)
        #expect(try fixture.folder.text("map.svg").hasPrefix("digraph "))
        let mermaid = try await fixture.cairn("conformance --map mermaid --edges-at-least 0.5")
        #expect(mermaid.output.hasPrefix("flowchart TD\n"))
        #expect(mermaid.error.contains("; left out "))
        let json = try await fixture.cairn("conformance --map mermaid --format json")
        let object = try #require(json.json as? [String: Any])
        #expect(object["path"] is NSNull)
        #expect((object["source"] as? String)?.hasPrefix("flowchart TD\n") == true)
        let edges = try #require(object["edges"] as? [[String: Any]])
        #expect(edges.first?["from"] is NSNull)
        #expect(edges.last?["to"] is NSNull)
        let inner = edges.filter { !($0["from"] is NSNull) && !($0["to"] is NSNull) }
        #expect(inner.reduce(0) { $0 + ($1["count"] as? Int ?? 0) } == 10 - 4)
    }

    @Test(arguments: [
        "--variants --map svg", "-o x.svg", "--by type", "--map gif", "--kind nothing",
        "--map svg --edges-at-least 2", "--variants --check", "--limit 0",
    ])
    func `what makes no sense is refused`(options: String) async throws {
        let run = try await Fixture().cairn("conformance \(options)")
        #expect(run.status == 64)
        #expect(run.output == "")
        #expect(run.error.contains("conformance"))
    }
}

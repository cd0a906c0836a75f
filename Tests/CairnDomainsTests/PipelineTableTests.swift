import CairnCore
import CairnDomains
import Testing

struct PipelineTableTests {
    /// A request whose stage PARSING is in each status that the table has a row for.
    static let samples: [(name: String, events: [PipelineEvent])] =
        [("none", [])]
        + [
            PipelineStatus.started, .completed, .failed, .skipped, .retryScheduled,
            .other("GOING"),
        ].map { status in
            let name = status.code == .other ? "any other word" : status.word
            return (name, [RandomPipeline.plain("PARSING", "PARSE_START", status)])
        }

    static func rendered() -> String {
        let machine = PipelineMachine()
        var lines: [String] = []
        for (name, events) in samples {
            let state = machine.replay(events)
            let cells = PipelineCommand.Verb.allCases.map { verb -> String in
                let command = PipelineCommand(
                    verb,
                    PipelineReport(tenant: "anthem", stage: "PARSER")
                )
                do throws(PipelineRejection) {
                    let rows = try machine.decide(
                        command,
                        in: state,
                        context: TurnContext(now: .unixEpoch)
                    )
                    return rows.first.map { "\($0.status)" } ?? "`[]`"
                } catch .notFailed {
                    return "*notFailed*"
                } catch {
                    return "*\(error)*"
                }
            }
            lines.append("| \(name) | \(cells.joined(separator: " | ")) |")
        }
        return lines.joined(separator: "\n")
    }

    @Test func `the table in the specification is the machine's own`() throws {
        let bytes = try PipelineDefinitionTests.specification("Machines/Pipeline.md")
        let text = String(decoding: bytes, as: UTF8.self)
        let table = Self.rendered()
        #expect(
            text.contains("| --- | --- | --- | --- | --- | --- | --- |\n\(table)\n\n"),
            "\(table)"
        )
        for kind in PipelineAnomaly.Kind.allCases {
            #expect(text.contains("| `\(kind.name)` | "))
        }
    }
}

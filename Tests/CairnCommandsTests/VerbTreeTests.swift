import Cairn
import CairnTestSupport
import Foundation
import Testing

@testable import CairnCommands

/// The tree of the tool's verbs and options, of which shells and the manual are told.
struct VerbTreeTests {
    /// One option of a verb that takes a value.
    struct Option: Hashable, CustomTestStringConvertible {
        let verb: String
        let name: String
        /// Whether a shell can complete the value: by words, files or what the journal has.
        let isCompleted: Bool

        var testDescription: String { "\(verb) --\(name)" }
    }

    /// Options whose values nobody can list: times, numbers, predicates, and names of the data.
    ///
    /// An option of another verb under such a name is meant to be one, too; `--by` is
    /// not.
    static let freeTexts: Set<String> = [
        "after", "as-of", "at", "attempts", "before", "columns", "count", "counts", "customer",
        "deadline", "drop", "edges-at-least", "edit", "event", "from", "ignore", "incident",
        "insert", "keep", "key", "lead-id", "limit", "lines", "machine-source", "move", "now",
        "older-than", "play", "prefix", "provider", "reason", "request", "retry-policy", "sample",
        "scan-max", "session", "since", "stage", "stream", "tenant", "terminal", "time-zone",
        "type", "until", "user", "uuid", "where", "year", "forget --by", "resolve --by",
        "truncate --by",
    ]

    private static let ownTool = IncidentTool(TicketDesk(), JobMachine(), name: "tickets")
        .comparing(TicketDesk(), to: TicketDesk(forgets: false))

    private static func tree(_ json: Any?) throws -> [String: Any] {
        let root = try #require(json as? [String: Any])
        return try #require(root["command"] as? [String: Any])
    }

    private static func cairnTree() async throws -> [String: Any] {
        try tree(try await ScratchFolder().cairn("--experimental-dump-help").json)
    }

    private static func ownTree() async throws -> [String: Any] {
        let run = await ownTool.captured(["--experimental-dump-help"])
        return try tree(try JSONSerialization.jsonObject(with: Data(run.output.utf8)))
    }

    /// All options with a value that people are told of.
    private static func options(of verb: [String: Any], _ parent: String = "") -> [Option] {
        guard verb["shouldDisplay"] as? Bool ?? true else { return [] }
        let name = parent + (verb["commandName"] as? String ?? "?")
        var options: [Option] = []
        for argument in verb["arguments"] as? [[String: Any]] ?? []
        where argument["kind"] as? String == "option" && argument["shouldDisplay"] as? Bool == true
        {
            let names = argument["names"] as? [[String: Any]] ?? []
            let long = names.first { $0["kind"] as? String == "long" }?["name"] as? String
            options.append(
                Option(verb: name, name: long ?? "?", isCompleted: isCompleted(argument))
            )
        }
        let below = verb["subcommands"] as? [[String: Any]] ?? []
        return options + below.flatMap { Self.options(of: $0) }
    }

    private static func isCompleted(_ argument: [String: Any]) -> Bool {
        guard let kind = argument["completionKind"] as? [String: Any] else { return false }
        guard let list = kind["list"] as? [String: Any] else { return true }
        return (list["values"] as? [String])?.isEmpty == false
    }

    private static func isFree(_ option: Option) -> Bool {
        freeTexts.contains(option.name) || freeTexts.contains("\(option.verb) --\(option.name)")
    }

    @Test func `each option with a value can be completed, or is known as a free text`()
        async throws
    {
        let options =
            Self.options(of: try await Self.cairnTree())
            + Self.options(of: try await Self.ownTree())
        #expect(options.count > 300)
        let forgotten = options.filter { !$0.isCompleted && !Self.isFree($0) }
        #expect(forgotten.map(\.testDescription) == [])
        let met = Set(options.filter { !$0.isCompleted }.flatMap { [$0.name, $0.testDescription] })
        #expect(Self.freeTexts.subtracting(met) == [], "no option needs these any more")
    }

    @Test func `the tree, of which the manual is made, names every verb`() async throws {
        for tree in [try await Self.cairnTree(), try await Self.ownTree()] {
            let verbs = try #require(tree["subcommands"] as? [[String: Any]])
            let names = verbs.compactMap { $0["commandName"] as? String }
            #expect(names.contains("tail") && names.contains("compare"))
            for verb in verbs where verb["shouldDisplay"] as? Bool ?? true {
                #expect(verb["abstract"] is String, "\(verb["commandName"] ?? "?")")
            }
        }
    }

    @Test func `a tool of your own has a script that knows its machines`() async throws {
        let run = await Self.ownTool.captured(["--generate-completion-script", "bash"])
        #expect(run.status == 0 && run.error == "")
        #expect(run.output.contains("-W 'tickets'$'\\n''job'"))
        #expect(run.output.contains("_tickets_help() {\n    __tickets_add_completions -W 'list'"))
    }

    @Test func `a tool that is a part of another has none`() async throws {
        let run = await IncidentTool(TicketDesk(), name: "tickets incident")
            .captured(["--generate-completion-script", "zsh"])
        #expect(run.status == 64 && run.output == "")
        #expect(
            run.error == "tickets incident: 'tickets incident' is a part of another program, and a "
                + "shell completes a whole one: name the tool by one word, and run it by that\n"
        )
    }
}

import CairnCore
import CairnDomains
import Foundation
import Testing

struct PipelineDefinitionTests {
    static func specification(_ name: String) throws -> [UInt8] {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return Array(try Data(contentsOf: root.appending(path: "Specs/\(name)")))
    }

    @Test func `the built-in definition is the one in the specification`() throws {
        let bytes = try Self.specification("Pipelines/prior-authorization.json")
        let read = try PipelineDefinition.parse(bytes)
        let builtIn = PipelineDefinition.priorAuthorization
        #expect(read == builtIn)
        #expect(builtIn.stages.count == 11)
        #expect(builtIn.eventTypes.count == 38)
        #expect(read.fingerprint == builtIn.fingerprint)
    }

    @Test(arguments: ["prior-authorization", "incident-management"])
    func `a definition is read back from its own JSON`(name: String) throws {
        let read = try PipelineDefinition.parse(Self.specification("Pipelines/\(name).json"))
        #expect(try PipelineDefinition.parse(read.json.canonicalBytes) == read)
        var changed = read
        changed.stages[0].deadline = .seconds(1)
        #expect(changed.fingerprint != read.fingerprint)
        changed = read
        changed.eventTypes[0].externalEffect = .unsettled
        #expect(changed.fingerprint != read.fingerprint)
        #expect(try PipelineDefinition.parse(changed.json.canonicalBytes) == changed)
    }

    @Test(arguments: [
        ("PARSER", "PARSING"), ("PARSING", "PARSING"), ("parser", "parser"), ("", ""),
    ])
    func `a stage is known by its aliases`(word: String, name: String) {
        #expect(PipelineDefinition.priorAuthorization.stageName(of: word) == name)
    }

    @Test(
        arguments: [
            ("PARSER", PipelineStatus.completed, "PARSE_OK"),
            ("ATTACHMENT", .failed, "ATTACH_FAIL"),
            ("API_CONNECTOR", .failed, "DOWNSTREAM_FAIL"), ("PARSING", .skipped, nil),
            ("Queued", .started, nil),
        ] as [(String, PipelineStatus, String?)]
    )
    func `a stage and a status imply an event type`(
        stage: String,
        status: PipelineStatus,
        name: String?
    ) {
        let type = PipelineDefinition.priorAuthorization.eventType(of: stage, implying: status)
        #expect(type?.name == name)
    }

    @Test(arguments: [
        ("[]", "", "it is a JSON array and should be an object"),
        ("{}", "name", "it is missing"),
        (#"{"name":""}"#, "name", "it is empty"),
        (#"{"name":"x"}"#, "version", "it is missing"),
        (#"{"name":"x","version":1.5}"#, "version", "it should be a whole number from 1"),
        (#"{"name":"x","version":1,"opened":true}"#, "opened", "no such key exists"),
        (#"{"name":"x","name":"y"}"#, "name", "the key stands twice"),
        (
            #"{"name":"x","version":1,"open":1}"#, "open",
            "it is a JSON number and should be true or false"
        ),
        (
            #"{"name":"x","version":1,"stages":[{"name":"A"},{}]}"#, "stages[1].name",
            "it is missing"
        ),
        (
            #"{"name":"x","version":1,"stages":[{"name":"A"},{"name":"B","aliases":["C","A"]}]}"#,
            "stages[1].aliases[1]", "'A' was used before"
        ),
        (
            #"{"name":"x","version":1,"stages":[{"name":"A","follows":["B"]}]}"#,
            "stages[0].follows[0]", "there is no stage 'B'"
        ),
        (
            #"{"name":"x","version":1,"stages":[{"name":"A","deadline_seconds":-1}]}"#,
            "stages[0].deadline_seconds",
            "it should be seconds from 0 to 9223372036, with at most 9 decimals"
        ),
        (
            #"{"name":"x","version":1,"event_types":[{"name":"T","stage":"A","status":"STARTED"}]}"#,
            "event_types[0].stage", "there is no stage 'A'"
        ),
        (
            #"{"name":"x","version":1,"stages":[{"name":"A"}],"#
                + #""event_types":[{"name":"T","stage":"A","status":"GOING"}]}"#,
            "event_types[0].status",
            "'GOING' is none of STARTED, COMPLETED, FAILED, SKIPPED and RETRY_SCHEDULED"
        ),
        (
            #"{"name":"x","version":1,"stages":[{"name":"A"}],"#
                + #""event_types":[{"name":"T","stage":"A","status":"FAILED","started_by":"S"}]}"#,
            "event_types[0].started_by", "there is no event type 'S'"
        ),
        (
            #"{"name":"x","version":1,"stages":[{"name":"A"}],"event_types":[{"name":"T","#
                + #""stage":"A","status":"STARTED","external_effect":"maybe"}]}"#,
            "event_types[0].external_effect", "'maybe' is neither begins nor unsettled"
        ),
        (
            #"{"name":"x","version":1,"retry":{"max_attempts":0}}"#, "retry.max_attempts",
            "it should be a whole number from 1 to 1000"
        ),
        (
            #"{"name":"x","version":1,"metadata_indexes":["a..b"]}"#, "metadata_indexes[0]",
            "'a..b' is not a path such as a.b[0]"
        ),
    ])
    func `a wrong definition is refused at its place`(text: String, path: String, reason: String) {
        do {
            _ = try PipelineDefinition.parse(Array(text.utf8))
            Issue.record("the definition was taken")
        } catch {
            guard case .invalid(let foundPath, let foundReason) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(foundPath == path)
            #expect(foundReason.description == reason)
        }
    }

    @Test func `a definition that is not JSON says where`() {
        #expect(throws: PipelineDefinitionError.json(JSONError(.unexpectedEnd, at: 1))) {
            try PipelineDefinition.parse([0x7B])
        }
    }
}

import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal
import Testing

/// What stands for what, seen through bundles of one row.
struct KeyedPseudonymTests {
    private static func row(
        metadata: String,
        options: BundleOptions = BundleOptions(key: BundleStory.key),
        _ change: (inout PipelineEvent) -> Void = { _ in }
    ) async throws -> EventRow {
        var history = History()
        history.add("R-1", "PARSE_START", .started, minutes: 0) { event in
            event.metadata = Array(metadata.utf8)
            change(&event)
        }
        let story = try await BundleStory(
            BundleSelection(requests: ["R-1"]),
            of: try await history.journal(),
            options: options
        )
        let request = try #require(try await story.bundle.requests(now: .unixEpoch).first)
        return try #require(
            try await story.bundle.timeline(of: request.requestID).entries.first
        ).row
    }

    private static func numbers(
        in metadata: String,
        keepsNumbers: Bool = false
    ) async throws -> [String] {
        var options = BundleOptions(key: BundleStory.key)
        options.keepsNumbers = keepsNumbers
        let row = try await row(metadata: metadata, options: options)
        guard let bytes = row.event.metadata,
            case .array(let elements) = try JSONValue.parse(bytes)
        else { return [] }
        return elements.map(\.description)
    }

    @Test func `a stand-in says what it is and nothing of the text`() async throws {
        let row = try await Self.row(metadata: #"{"a":"anthem","b":""}"#) { event in
            event.workerID = "anthem"
            event.errorMessage = String(repeating: "long", count: 500)
        }
        let digits = /[a-z]+-[0-9a-f]{8}/
        #expect(row.requestID.wholeMatch(of: digits) != nil)
        #expect(row.requestID.hasPrefix("request-"))
        #expect(row.event.tenant.wholeMatch(of: digits) != nil)
        #expect(row.event.errorMessage?.wholeMatch(of: digits) != nil)
        // One text, one stand-in, whatever it is there.
        #expect(row.event.workerID == row.event.tenant)
        let metadata = String(decoding: row.event.metadata ?? [], as: UTF8.self)
        #expect(metadata.contains("\"\(row.event.tenant)\""))
        #expect(metadata.contains(#":"""#), "there is nothing to hide in no text")
        #expect(row.event.stage == "PARSING" && row.event.eventType == "PARSE_START")
    }

    @Test func `numbers of few digits stay, and others are told apart`() async throws {
        let given = "[0,12,-9999,0.25,10000,10001,1e9,19570312,1.0,12.3456,10000.0,1e-9]"
        let found = try await Self.numbers(in: given)
        #expect(found.count == 12)
        #expect(Array(found[0...3]) == ["0", "12", "-9999", "0.25"])
        #expect(found[8] == "1")
        let standIns = [4, 5, 6, 7, 9, 11].map { found[$0] }
        #expect(Set(standIns).count == standIns.count)
        #expect(standIns.allSatisfy { $0.wholeMatch(of: /[0-9]{9,10}/) != nil }, "\(standIns)")
        #expect(found[10] == found[4], "one number, however it is written")
        #expect(try await Self.numbers(in: given, keepsNumbers: true)[7] == "19570312")
    }

    @Test func `with everything kept it is the same row`() async throws {
        var options = BundleOptions(key: BundleStory.key)
        options.keepsPayloads = true
        options.keepsTimes = true
        let row = try await Self.row(metadata: #"{ "a": 19570312 }"#, options: options) { event in
            event.sourceID = 7
        }
        #expect(row.requestID == "R-1" && row.event.tenant == "anthem")
        #expect(row.event.metadata == Array(#"{ "a": 19570312 }"#.utf8))
        #expect(row.event.createdAt == History.time(minutes: 0) && row.event.sourceID == 7)
    }

    @Test func `stand-ins that begin alike are longer`() async throws {
        var history = History()
        // Of 100,000 texts some agree in 32 bits.
        for part in 0..<10 {
            let texts = (0..<10_000).map { #""text \#(part * 10_000 + $0)""# }
            history.add("R-1", "PARSE_START", .started, minutes: 0) { event in
                event.metadata = Array("[\(texts.joined(separator: ","))]".utf8)
            }
        }
        let story = try await BundleStory(
            BundleSelection(requests: ["R-1"]),
            of: try await history.journal()
        )
        let request = try #require(try await story.bundle.requests(now: .unixEpoch).first)
        var names: Set<String> = []
        for entry in try await story.bundle.timeline(of: request.requestID).entries {
            guard case .array(let texts) = try JSONValue.parse(entry.row.event.metadata ?? [])
            else { continue }
            names.formUnion(texts.map(\.description))
        }
        #expect(names.count == 100_000)
        let longer = names.filter { $0.utf8.count > "\"text-12345678\"".utf8.count }
        #expect(!longer.isEmpty && longer.count < 30, "\(longer.count)")
        #expect(longer.allSatisfy { $0.utf8.count == "\"text-1234567812345678\"".utf8.count })
    }
}

import CairnCore
import CairnDomains
import CairnTesting
import Testing

struct PipelineEventCodecTests {
    @Test func `every field comes back`() throws {
        var event = PipelineEvent(
            tenant: "anthem",
            stage: "PARSING",
            eventType: "PARSE_OK",
            status: .completed,
            createdAt: Timestamp(nanoseconds: 1_766_620_800_000_000_123)
        )
        event.sequenceNumber = 12
        event.attempt = 3
        event.isRetryable = false
        event.nextRetryAt = .distantFuture
        event.externalReference = "ext"
        event.durationMilliseconds = 2_592_000_000
        event.errorCode = "API_TIMEOUT"
        event.errorMessage = "caf\u{E9} \u{1F600}"
        event.workerID = "parser-7d9f-abcde"
        event.serviceName = "parser"
        event.startedAt = .distantPast
        event.completedAt = event.createdAt
        event.metadata = Array(#"{ "diagnosisCount" : 3.0 }"#.utf8)
        event.sourceID = .min
        let payload = event.encoded()
        #expect(try PipelineEvent(payload.span.bytes, occurredAt: event.createdAt) == event)
    }

    @Test func `both readers agree on random events`() throws {
        var generator = SeededGenerator(seed: 42)
        for round in 0..<5_000 {
            let event = RandomPipeline.event(&generator)
            let payload = event.encoded()
            let bytes = payload.span.bytes
            let read = try PipelineEvent(bytes, occurredAt: event.createdAt)
            let step = try PipelineStep(bytes, occurredAt: event.createdAt)
            #expect(read == event, "seed 42, round \(round)")
            #expect(step.stage.text(in: bytes) == event.stage)
            #expect(step.eventType.text(in: bytes) == event.eventType)
            #expect(step.tenant.text(in: bytes) == event.tenant)
            #expect(PipelineStatus(step, in: bytes) == event.status)
            #expect(step.status == event.status.code)
            #expect(step.sequenceNumber == event.sequenceNumber)
            #expect(step.attempt == event.attempt)
            #expect(step.isRetryable == event.isRetryable)
            #expect(step.durationMilliseconds == event.durationMilliseconds)
            #expect(step.createdAt == event.createdAt)
            #expect(step.nextRetryAt == event.nextRetryAt)
            #expect(step.startedAt == event.startedAt)
            #expect(step.completedAt == event.completedAt)
            #expect(step.sourceID == event.sourceID)
            #expect(read.encoded() == payload)
        }
    }

    @Test func `a cut payload is an error and never a plausible event`() throws {
        var generator = SeededGenerator(seed: 43)
        for round in 0..<60 {
            let payload = RandomPipeline.event(&generator).encoded()
            for count in 0..<payload.count {
                #expect(throws: PipelineCodecError.self, "seed 43, round \(round), \(count) bytes")
                {
                    try PipelineEvent(
                        payload.span.bytes.extracting(0..<count),
                        occurredAt: .unixEpoch
                    )
                }
            }
            #expect(throws: PipelineCodecError.self) {
                try PipelineEvent((payload + [0]).span.bytes, occurredAt: .unixEpoch)
            }
        }
    }

    @Test func `hostile payloads never trap, and what the whole reader takes the step takes`() {
        var generator = SeededGenerator(seed: 44)
        for round in 0..<50_000 {
            var payload = RandomPipeline.event(&generator).encoded()
            for _ in 0...generator.below(4) {
                payload[generator.below(payload.count)] = UInt8(generator.below(256))
            }
            let event = try? PipelineEvent(payload.span.bytes, occurredAt: .distantFuture)
            let step = try? PipelineStep(payload.span.bytes, occurredAt: .distantFuture)
            #expect(event == nil || step != nil, "seed 44, round \(round): \(payload)")
            guard let event, let step else { continue }
            #expect(event.status.code == step.status, "seed 44, round \(round): \(payload)")
            #expect(event.attempt == step.attempt, "seed 44, round \(round): \(payload)")
        }
    }

    @Test func `how a row was written comes back, and is no part of what its id stands for`() throws
    {
        var event = RandomPipeline.plain("PARSING", "PARSE_OK", .completed)
        event.metadata = Array(#"{"n":1}"#.utf8)
        let plain = event.encoded()
        event.origin = RowOrigin()
        #expect(event.encoded() == plain && plain[0] == 1)
        var origin = RowOrigin()
        origin.keep("SUCCESS".utf8, column: 5)
        origin.keep([], column: 7)
        event.origin = origin
        let payload = event.encoded()
        #expect(payload[0] == 2)
        let read = try PipelineEvent(payload.span.bytes, occurredAt: event.createdAt)
        #expect(read == event)
        #expect(read.origin?.text(column: 5) == Array("SUCCESS".utf8))
        #expect(read.origin?.text(column: 7) == [])
        #expect(read.origin?.text(column: 8) == nil)
        #expect(try event.newEvent(id: nil).typeVersion == 2)
        var same = event
        same.origin = nil
        #expect(try same.canonicalContent() == event.canonicalContent())
        for count in 0..<payload.count {
            #expect(throws: PipelineCodecError.self, "\(count) bytes") {
                try PipelineEvent(
                    payload.span.bytes.extracting(0..<count),
                    occurredAt: event.createdAt
                )
            }
        }
        // Either version has it, or has it not.
        for (bytes, version) in [(plain, UInt8(2)), (payload, 1)] {
            var wrong = bytes
            wrong[0] = version
            #expect(throws: PipelineCodecError.malformed(offset: 4)) {
                try PipelineEvent(wrong.span.bytes, occurredAt: event.createdAt)
            }
        }
    }

    @Test func `a payload of a newer version is named as such`() {
        var payload = RandomPipeline.plain("PARSING", "PARSE_OK", .completed).encoded()
        payload[0] = 9
        #expect(throws: PipelineCodecError.newerVersion(9)) {
            try PipelineEvent(payload.span.bytes, occurredAt: .unixEpoch)
        }
    }

    @Test func `a usual row stays small`() throws {
        var event = RandomPipeline.plain("PARSING", "PARSE_OK", .completed)
        event.sequenceNumber = 12
        event.durationMilliseconds = 245
        event.workerID = "parser-7d9f8b6c5-x2x4z"
        event.serviceName = "parser"
        event.metadata = Array(#"{"diagnosisCount":3}"#.utf8)
        let request = "PAGW-20251225-00001-ABC123"
        let id = try PipelineEvent.eventID(request: request, sequenceNumber: 12)
        #expect(id.name == "PAGW-20251225-00001-ABC123/12")
        let frameByteCount = Frame.fixedByteCount + 8 + id.name.utf8.count + event.encoded().count
        #expect(frameByteCount <= 190, "\(frameByteCount)")
        #expect(event.encoded().count == 67)
    }

    @Test func `the digest compares metadata as JSON and everything else exactly`() throws {
        var event = RandomPipeline.plain("PARSING", "PARSE_OK", .completed)
        event.metadata = Array(#"{"a":1.0,"b":2}"#.utf8)
        let digest = try event.newEvent(id: nil).contentDigest
        var same = event
        same.metadata = Array(#"{ "b" : 2, "a" : 1 }"#.utf8)
        #expect(try same.newEvent(id: nil).contentDigest == digest)
        #expect(try same.newEvent(id: nil).payload != event.newEvent(id: nil).payload)
        let changes: [(inout PipelineEvent) -> Void] = [
            { $0.tenant = "other" }, { $0.stage = "PARSER" }, { $0.eventType = "PARSE_FAIL" },
            { $0.status = .failed }, { $0.status = .other("DONE") }, { $0.sequenceNumber = 1 },
            { $0.attempt = 2 }, { $0.isRetryable = false }, { $0.nextRetryAt = .unixEpoch },
            { $0.externalReference = "x" }, { $0.durationMilliseconds = 0 },
            { $0.errorCode = "x" }, { $0.errorMessage = "x" }, { $0.workerID = "x" },
            { $0.serviceName = "x" }, { $0.startedAt = .unixEpoch },
            { $0.completedAt = .unixEpoch }, { $0.metadata = nil }, { $0.sourceID = 1 },
            { $0.createdAt = .distantPast },
        ]
        for (index, change) in changes.enumerated() {
            var other = event
            change(&other)
            #expect(try other.newEvent(id: nil).contentDigest != digest, "change \(index)")
        }
    }

    @Test func `metadata that is not JSON is refused`() {
        var event = RandomPipeline.plain("PARSING", "PARSE_OK", .completed)
        event.metadata = Array("{".utf8)
        #expect(throws: PipelineEventError.metadata(JSONError(.unexpectedEnd, at: 1))) {
            try event.newEvent(id: nil)
        }
    }

    @Test(arguments: [
        ("STARTED", PipelineStatus.started), ("SUCCESS", .completed), ("COMPLETED", .completed),
        ("FAILURE", .failed), ("FAILED", .failed), ("SKIPPED", .skipped),
        ("RETRY_SCHEDULED", .retryScheduled), ("started", .other("started")),
        ("S\u{212A}IPPED", .other("S\u{212A}IPPED")), ("", .other("")),
    ])
    func `a status word is read`(word: String, status: PipelineStatus) {
        #expect(PipelineStatus(word) == status)
    }

    @Test func `a word that only looks like a known one keeps its bytes`() throws {
        let word = "CDEX_PULL_O\u{212A}"
        let event = RandomPipeline.plain("PARSING", word, .completed)
        let payload = event.encoded()
        let read = try PipelineEvent(payload.span.bytes, occurredAt: event.createdAt)
        #expect(Array(read.eventType.utf8) == Array(word.utf8))
    }
}

import Cairn
import CairnTestSupport
import CairnTesting
import Foundation

/// A journal with a text of its own in each field that there is.
///
/// Each text is the name of its field with a mark that nothing else has, so a text that is found
/// names the field that was forgotten.
struct BundleSecrets {
    static let mark = "Zq7Xk"
    /// Numbers in JSON that say who somebody is.
    static let numbers: [Int64] = [987_654_321_012, 19_570_312, 4_155_550_173]
    static let start = Timestamp(nanoseconds: 1_700_000_000_123_456_789)
    /// Longer than a stream's name can be as it is.
    static let longKey = secret("longKey") + String(repeating: "\u{10348}", count: 200)
    /// SHA-256 of the secret of `customer`, which stands in the journal in bytes and in digits: so
    /// people hide names from each other, and whoever guesses the name finds it.
    static let customerDigest = "eb985153d68d6af78ae716655d3e33db0555942bd624d0f5769c75fa4fb9ddc7"
    static let job = secret("job")
    static let request = secret("request")
    static let key = secret("key")
    static let uuid = secret("uuid-of-note")

    /// The fields that were asked for, by their secrets.
    static let fields = [
        "request", "tenant", "stage", "eventType", "status", "reference", "errorCode",
        "errorMessage", "worker", "service", "metadataKey", "metadataText", "metadataDeep",
        "eventID", "key", "longKey", "job", "uuid", "customer", "channel", "template",
        "payloadKey", "payloadText", "body", "provider", "providerReference", "notifyReference",
        "acceptedBody", "acceptedKey", "acceptedText", "reason", "detail", "by", "settledReason",
        "settledProvider", "callbackProvider", "callbackReference", "callbackEvent",
        "callbackWord", "callbackDetail", "callbackBody", "accountKey", "callbackText", "step",
        "stepResult",
        "stepReason", "timer", "uuid-of-note", "noteCustomer", "noteBody", "importedKey",
        "importedUUID", "importedCustomer", "importedBody", "importedReference", "importedCell",
        "importedMetadata", "person", "pauseReason", "reopenedKey", "lookedKey", "ignoredType",
        "ignoredPayload", "ignoredID", "definitionDescription", "otherJob",
    ]

    static func secret(_ field: String) -> String { "\(mark)-\(field)" }

    let folder: ScratchFolder
    private let clock = ManualClock(at: start)
    private let journal: LMDBJournal
    private let desk: ItemDesk

    /// Writes the journal `j` in a new folder.
    init() async throws {
        folder = try ScratchFolder()
        var configuration = LMDBJournal.Configuration()
        configuration.clock = { [clock] in clock.now }
        journal = try LMDBJournal(path: folder.path("j"), configuration: configuration)
        desk = ItemDesk(journal)
        try await writeRequest()
        try await writeItems()
        try await writeSteps()
        try await writeJob()
        journal.close()
    }

    /// Times that stand in fields: when a provider reported, and until when a timer waits.
    var fieldTimes: [Timestamp] { [clock.now, clock.now.adding(.seconds(9))] }

    /// The bytes that hexadecimal digits stand for.
    static func bytes(ofDigits digits: some StringProtocol) -> [UInt8] {
        stride(from: 0, to: digits.count - 1, by: 2).compactMap { index in
            UInt8(digits.dropFirst(index).prefix(2), radix: 16)
        }
    }

    private func s(_ field: String) -> String { Self.secret(field) }

    private func json(_ key: String, _ text: String) -> [UInt8] {
        let numbers = Self.numbers.map(\.description).joined(separator: ",")
        return Array(#"{"\#(s(key))":["\#(s(text))",{"n":[\#(numbers)]}]}"#.utf8)
    }

    private func writeRequest() async throws {
        let definition = """
            {"name":"p","version":1,"open":true,"description":"\(s("definitionDescription"))",
            "stages":[{"name":"PARSING"}],"event_types":[]}
            """
        try await journal.append(
            try NewEvent(
                type: "pipeline.definition",
                occurredAt: Self.start,
                mayBeIgnored: true,
                codec: .json,
                payload: Array(definition.utf8)
            ),
            to: try StreamID("definition/pipeline")
        )
        let stream = try PipelineEvent.streamID(request: Self.request)
        for number in 1...3 as ClosedRange<Int64> {
            clock.advance(by: .milliseconds(1_234))
            var event = PipelineEvent(
                tenant: s("tenant"),
                stage: number == 1 ? "PARSING" : s("stage"),
                eventType: number == 1 ? "PARSE_FAIL" : s("eventType"),
                status: number == 1 ? .failed : .other(s("status")),
                createdAt: clock.now
            )
            event.sequenceNumber = number
            event.externalReference = s("reference")
            event.errorCode = s("errorCode")
            event.errorMessage = s("errorMessage")
            event.workerID = s("worker")
            event.serviceName = s("service")
            event.sourceID = Self.numbers[0]
            event.nextRetryAt = clock.now.adding(.seconds(7))
            event.startedAt = clock.now
            event.completedAt = clock.now
            var origin = RowOrigin()
            origin.keep(s("originCell").utf8, column: 3)
            event.origin = origin
            event.metadata = json("metadataKey", number == 2 ? "metadataDeep" : "metadataText")
            let id =
                number == 3
                ? try EventID(s("eventID"))
                : try PipelineEvent.eventID(request: Self.request, sequenceNumber: number)
            try await journal.append(try event.newEvent(id: id), to: stream)
        }
        try await journal.append(
            try NewEvent(
                type: s("ignoredType"),
                id: try EventID(s("ignoredID")),
                occurredAt: clock.now,
                mayBeIgnored: true,
                payload: Array(s("ignoredPayload").utf8)
            ),
            to: stream
        )
    }

    private func message(_ customer: String, body: String, uuid: String) -> InteractionMessage {
        InteractionMessage(
            uuid: s(uuid),
            customer: s(customer),
            channel: .other(s("channel")),
            template: s("template"),
            payload: json("payloadKey", "payloadText"),
            body: s(body)
        )
    }

    private func writeItems() async throws {
        try await desk.give(
            .beginRun(job: Self.job, WorkerNumber(rawValue: 1), itemCount: 3),
            to: Self.job
        )
        let stream = try await desk.begin(
            Self.key,
            message("customer", body: "body", uuid: "uuid"),
            job: Self.job
        )
        try await desk.give(.doubt(ItemDoubt(.error, detail: s("detail"))), to: stream)
        var settlement = ItemSettlement(.failed, source: .person, by: s("by"))
        settlement.reason = s("settledReason") + " " + Self.customerDigest
        settlement.acceptance = ItemAcceptance(provider: s("settledProvider"))
        try await desk.give(.settle(settlement), to: stream)
        try await desk.begin(Self.key, job: Self.job)
        try await desk.give(
            .accept(
                ItemAcceptance(
                    provider: s("provider"),
                    providerReference: s("providerReference"),
                    notifyReference: s("notifyReference"),
                    body: s("acceptedBody"),
                    metadata: json("acceptedKey", "acceptedText")
                )
            ),
            to: stream
        )
        var callback = InteractionCallback(
            provider: s("callbackProvider"),
            reference: s("callbackReference"),
            eventID: s("callbackEvent"),
            providerKey: "\(Self.key)#2",
            word: s("callbackWord"),
            detail: s("callbackDetail"),
            meaning: .delivered,
            providerTime: clock.now,
            body: json("callbackBody", "callbackText")
        )
        try await desk.give(.receive(callback), to: stream)
        callback.eventID = nil
        // A provider may give anything as the key, also what looks like one of ours.
        callback.providerKey = "\(s("accountKey"))#\(Self.numbers[2])"
        callback.providerTime = nil
        let digest = Self.bytes(ofDigits: Self.customerDigest)
        callback.body = Array(s("callbackBody").utf8) + [0xFF] + digest
        try await desk.give(.receive(callback), to: stream)
        let long = try await desk.begin(Self.longKey, job: Self.job)
        try await desk.give(
            .reject(.provider, isFinal: true, reason: s("reason"), .standard),
            to: long
        )
        try await desk.note(message("noteCustomer", body: "noteBody", uuid: "uuid-of-note"))
    }

    private func writeSteps() async throws {
        let stream = try await desk.begin(s("otherJob"), job: Self.job, worksInSteps: true)
        try await desk.give(.beginStep(ItemStepMark(number: 1, name: s("step"))), to: stream)
        try await desk.give(
            .endStep(ItemStepEnd(number: 1, result: json("stepResult", "stepResult"))),
            to: stream
        )
        let timer = ItemTimer(
            number: 2,
            name: s("timer"),
            until: clock.now.adding(.seconds(9)),
            bootEnd: BootInstant(boot: 77, nanoseconds: 88)
        )
        try await desk.give(.setTimer(timer), to: stream)
        try await desk.give(.beginStep(ItemStepMark(number: 3, name: s("step"))), to: stream)
        try await desk.give(
            .failStep(ItemStepFailure(number: 3, reason: s("stepReason"))),
            to: stream
        )
        var origin = RowOrigin(id: Self.numbers[0])
        origin.keep(s("importedCell").utf8, column: 3)
        let row = ImportedInteraction(
            key: try ItemKey(s("importedKey")),
            message: message("importedCustomer", body: "importedBody", uuid: "importedUUID"),
            status: .sent,
            acceptance: ItemAcceptance(
                providerReference: s("importedReference"),
                metadata: json("importedMetadata", "importedMetadata")
            ),
            origin: origin
        )
        try await journal.append(try row.newEvent(at: clock.now), to: try row.stream())
    }

    private func writeJob() async throws {
        let stream = try JobMachine.stream(of: Self.job)
        let looked = JobReopenings(
            keys: [try ItemKey(s("lookedKey"))],
            seen: SequenceNumber(rawValue: 1)
        )
        let block = JobBlock(
            number: 0,
            digest: ContentDigest(type: "block", content: Array(Self.job.utf8).span.bytes),
            doneCount: 1,
            failedCount: 0
        )
        for fact in [
            .itemReopened(try ItemKey(s("reopenedKey"))), .blockSettled(block, looked),
        ] as [JobEvent.Fact] {
            let event = try JobMachine().newEvent(JobEvent(fact, at: clock.now))
            try await journal.append(event, to: stream)
        }
        let decision = JobDecision(by: s("person"), reason: s("pauseReason"))
        try await desk.give(.pause(decision), to: Self.job)
    }

    /// Runs the tool in the folder.
    func cairn(_ arguments: String...) async throws -> CairnProcess {
        try await CairnProcess.run(arguments, in: folder.url)
    }
}

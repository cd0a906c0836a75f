internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnJournal
internal import CairnLMDB
internal import CairnServices
internal import CairnTesting
internal import Glibc
internal import Logging
internal import Synchronization

/// The batch of `cairn demo jobs`: messages to customers over a provider that loses answers.
///
/// The provider does not know repeats of a key, so what is in doubt is looked up there and never
/// sent blindly.
struct DemoBatch {
    static let job = "newsletter"
    static let provider = "simulator"
    /// Most messages: more than anybody waits for, and few enough for every number made of it.
    static let countMax = 1_000_000

    /// Reads the number of messages.
    static func count(_ text: String) throws(ValidationError) -> Int {
        guard let count = Int(text), (1...countMax).contains(count) else {
            throw ValidationError("it must be a whole number from 1 to \(countMax)")
        }
        return count
    }

    /// What the provider does: 5 in 1,000 answers are lost, and 5 in 1,000 requests.
    static var behaviour: ProviderBehaviour {
        var behaviour = ProviderBehaviour()
        behaviour.deduplicatesByKey = false
        behaviour.lostReplyThousandths = 5
        behaviour.lostRequestThousandths = 5
        return behaviour
    }

    let journalPath: String
    let socketPath: String
    let count: Int
    /// After how many sends the process kills itself; nil for never.
    let killAfter: Int?

    /// Runs the batch, as the job runner of a service would.
    func run() async throws -> JobReport {
        let journal = try LMDBJournal(path: journalPath)
        let worker = try await Worker.join(journal)
        let report = try await run(worker, over: journal)
        worker.leave()
        journal.close()
        return report
    }

    private func run(_ worker: Worker, over journal: LMDBJournal) async throws -> JobReport {
        let client = ProviderClient(socketPath: socketPath)
        var logger = Logger(label: "cairn.demo")
        logger.logLevel = .error
        let keeper = ProjectionKeeper(journal, logger: logger)
        // Until the batch is done.
        async let _ = keeper.run()
        let runner = JobRunner(journal: journal, worker: worker, logger: logger)
        let remaining = Atomic(killAfter ?? .max)
        return try await runner.run(
            job: Self.job,
            items: 1...count,
            reading: JobItems(
                key: { "newsletter-2026-11/customer-\($0)" },
                content: { Array("Hello, customer \($0)".utf8) },
                message: { number in
                    InteractionMessage(
                        uuid: Self.uuid(number),
                        customer: String(number),
                        channel: .email,
                        template: "newsletter",
                        body: "Hello, customer \(number)"
                    )
                }
            ),
            policy: JobPolicy(item: ItemPolicy(doubt: Self.doubt(client)))
        ) { number, attempt in
            if remaining.subtract(1, ordering: .relaxed).newValue == 0 { kill(getpid(), SIGKILL) }
            return try await Self.send(number, attempt, client)
        }
    }

    private static func send(
        _ number: Int,
        _ attempt: Attempt,
        _ client: ProviderClient
    ) async throws -> SendOutcome {
        do {
            let reply = try await client.send(
                key: attempt.providerKey,
                recipient: "customer-\(number)@example.org",
                body: "Hello, customer \(number)"
            )
            switch reply {
            case .accepted(let reference):
                return .accepted(provider: provider, reference: reference)
            case .rejected(let isFinal, let reason):
                return .rejected(isFinal: isFinal, reason: reason)
            }
        } catch ProviderClientError.unreachable(let error) {
            throw NotSent("\(error)")
        }
    }

    /// Looks up at the provider what is in doubt, once it has had a moment to settle.
    private static func doubt(_ client: ProviderClient) -> DoubtPolicy {
        .ask(settle: .milliseconds(100)) { attempt in
            switch try await client.lookUp(key: attempt.providerKey) {
            case .delivered(let reference, _):
                .sent(ItemAcceptance(provider: provider, providerReference: reference))
            case .notFound: .notSent
            }
        }
    }

    private static func uuid(_ number: Int) -> String {
        let digits = String(number)
        let tail = String(repeating: "0", count: 12 - digits.count) + digits
        return "00000000-0000-7000-8000-\(tail)"
    }
}

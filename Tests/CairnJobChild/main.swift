import Cairn
import CairnTesting
import Foundation

// Runs a job against a provider in another process until it is done, or until it is killed: the
// job tests start it, kill it, stop it and start it again.
//
//     CairnJobChild JOURNAL SOCKET PLAN-JSON
//
// It says "began" when the run begins, and at its end the report's counts in one line.

/// What a child is to do.
struct Plan: Codable {
    var job = "batch"
    var count = 100
    /// park, dedup, ask or await.
    var policy = "park"
    var concurrency = 16
    var timeoutMilliseconds = 60_000
    /// How long an item is in doubt before the provider is asked.
    var settleMilliseconds = 50
    /// How long an item in doubt waits for a callback.
    var awaitMilliseconds = 20_000
    /// Whether each item is sent in two steps with a wait between them.
    var isStepwise = false
    /// How many holders an item may lose before it is set aside.
    var lossCountMax: Int64 = 3
    /// An item that kills its process.
    var poison: Int?
    /// Whether to take the provider's callbacks in.
    var takesCallbacks = false
}

let arguments = CommandLine.arguments
guard arguments.count == 4 else { exit(64) }
let plan = try JSONDecoder().decode(Plan.self, from: Data(arguments[3].utf8))
let journal = try LMDBJournal(path: arguments[1])
let client = ProviderClient(socketPath: arguments[2])
let worker = try await Worker.join(journal)

let doubt: DoubtPolicy =
    switch plan.policy {
    case "dedup": .dedupByKey
    case "ask":
        .ask(settle: .milliseconds(Int64(plan.settleMilliseconds))) { attempt in
            switch try await client.lookUp(key: attempt.providerKey) {
            case .delivered(let reference, _):
                .sent(ItemAcceptance(provider: "simulator", providerReference: reference))
            case .notFound: .notSent
            }
        }
    case "await": .awaitCallback(until: .milliseconds(Int64(plan.awaitMilliseconds)))
    default: .park
    }
let retry = RetryPolicy(
    attemptCountMax: 5,
    initialDelay: .milliseconds(5),
    multiplierThousandths: 2_000,
    delayMax: .milliseconds(50),
    jitterThousandths: 200
)
let policy = JobPolicy(
    item: ItemPolicy(
        attempts: AttemptPolicy(retry: retry),
        doubt: doubt,
        bounds: ResumeBounds(lossCountMax: plan.lossCountMax, resendCountMax: 1_000),
        worksInSteps: plan.isStepwise,
        timeout: .milliseconds(Int64(plan.timeoutMilliseconds))
    ),
    concurrency: plan.concurrency
)

@Sendable func send(_ item: Int, _ attempt: Attempt) async throws -> SendOutcome {
    if item == plan.poison { kill(getpid(), SIGKILL) }
    if plan.isStepwise {
        let reference = try await attempt.step("send", ifInDoubt: .again) { key in
            try await deliver(item, key: key)
        }
        try await attempt.sleep(for: .milliseconds(2))
        _ = try await attempt.step("confirm", ifInDoubt: .again) { key in
            try await deliver(item, key: key)
        }
        return .accepted(provider: "simulator", reference: reference)
    }
    do {
        switch try await client.send(
            key: attempt.providerKey,
            recipient: "customer-\(item)",
            body: "message \(item)"
        ) {
        case .accepted(let reference): return .accepted(provider: "simulator", reference: reference)
        case .rejected(let isFinal, let reason):
            return .rejected(isFinal: isFinal, reason: reason)
        }
    } catch ProviderClientError.unreachable(let error) {
        throw NotSent("\(error)")
    }
}

@Sendable func deliver(_ item: Int, key: String) async throws -> String {
    switch try await client.send(key: key, recipient: "customer-\(item)", body: "m \(item)") {
    case .accepted(let reference): return reference
    case .rejected(_, let reason): throw NotSent(reason)
    }
}

func takeCallbacks() async throws {
    let interactions = Interactions(journal: journal, worker: worker)
    var last = 0
    while !Task.isCancelled {
        for callback in try await client.callbacks(after: last) {
            var report = ProviderReport(
                provider: "simulator",
                reference: callback.reference,
                word: callback.word,
                eventID: callback.eventID,
                providerKey: callback.key
            )
            report.meaning =
                switch callback.word {
                case "bounced": .hardFailure
                case "deferred": .note
                default: InteractionStatus(word: callback.word)?.meaning
                }
            report.time = Timestamp(nanoseconds: callback.time)
            try await interactions.receive(report)
            last = callback.number
        }
        try await Task.sleep(for: .milliseconds(5))
    }
}

let callbacks = plan.takesCallbacks ? Task { try await takeCallbacks() } : nil
FileHandle.standardOutput.write(Data("began\n".utf8))
do {
    let report = try await JobRunner(journal: journal, worker: worker).run(
        job: plan.job,
        items: 0..<plan.count,
        reading: JobItems(key: { "\(plan.job)/\($0)" }, content: { Array("message \($0)".utf8) }),
        policy: policy,
        send
    )
    let counts = report.counts
    print(
        "offered \(counts.offered) sent \(counts.sent) done \(counts.done) failed \(counts.failed)",
        "parked \(counts.parked) changed \(counts.changed) missing \(counts.missing)",
        "left \(counts.left) run \(report.run)"
    )
} catch {
    print("error \(error)")
}
callbacks?.cancel()
worker.leave()
journal.close()

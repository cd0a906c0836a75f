import Cairn
import Logging
import ServiceLifecycle
import UnixSignals

/// A mail provider of the sample: what it was given, by key.
actor Mailer {
    private(set) var letters: [String: String] = [:]

    func send(_ text: String, idempotencyKey: String) throws -> String {
        letters[idempotencyKey] = text
        return "letter-\(letters.count)"
    }
}

/// The sample of the article "Sending a batch"; ``MailBatchTests`` compares the two.
enum MailBatchSample {
    static func run(path: String, customers: [Int], mailer: Mailer) async throws {
        // begin
        let journal = try LMDBJournal(path: path)
        let worker = try await Worker.join(journal)
        let batch = JobService(
            JobRunner(journal: journal, worker: worker),
            job: "newsletter-2026-11",
            items: customers,
            reading: JobItems(
                key: { "newsletter-2026-11/\($0)" },
                content: { Array("Dear customer \($0)".utf8) }
            ),
            policy: JobPolicy(item: ItemPolicy(doubt: .dedupByKey), concurrency: 32),
            report: { print("sent \($0.counts.sent), before \($0.counts.done)") }
        ) { customer, attempt in
            let reference = try await mailer.send(
                "Dear customer \(customer)",
                idempotencyKey: attempt.providerKey
            )
            return .accepted(provider: "mailer", reference: reference)
        }
        let service = ServiceGroupConfiguration.ServiceConfiguration(
            service: batch,
            successTerminationBehavior: .gracefullyShutdownGroup
        )
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [service],
                gracefulShutdownSignals: [.sigterm],
                logger: Logger(label: "mail")
            )
        )
        try await group.run()
        worker.leave()
        journal.close()
        // end
    }
}

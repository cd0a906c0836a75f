import Cairn
import CairnTesting
import Foundation
import Testing

/// What the journal and the provider say of the items of a job, compared.
struct JobAudit {
    /// Each item's verdict, in the order of the items.
    private(set) var verdicts: [KeyVerdict] = []
    private let plan: Plan
    private let log: ProviderLog

    /// Reads both, and checks the journal's bytes.
    init(_ site: JobSite, _ plan: Plan) async throws {
        let report = try LMDBJournal.verify(path: site.journalPath)
        #expect(report.isIntact, "\(report.damages)")
        self.plan = plan
        log = try site.log()
        verdicts = try await site.read { journal in
            var verdicts: [KeyVerdict] = []
            for item in 0..<plan.count {
                verdicts.append(try await Self.state(of: plan.key(item), in: journal).verdict())
            }
            return verdicts
        }
    }

    static func state(of key: String, in journal: any Journal) async throws -> ItemState {
        let fold = StreamFold(ItemMachine(), of: try ItemKey(key).stream)
        return try await fold.folded(in: journal).state
    }

    /// Deliveries by item.
    var deliveries: [String: Int] {
        var deliveries: [String: Int] = [:]
        for (key, count) in log.deliveries {
            let item = key.lastIndex(of: "#").map { String(key[..<$0]) } ?? key
            deliveries[item, default: 0] += count
        }
        return deliveries
    }

    /// Law 5, and that nobody was forgotten.
    ///
    /// - Parameter context: What was done, for whoever reads the failure.
    func expectOnce(_ context: String) {
        let deliveries = deliveries
        for (key, count) in log.deliveries {
            #expect(count == 1, "\(context): \(key) was delivered \(count) times")
        }
        for (item, verdict) in verdicts.enumerated() {
            let count = deliveries[plan.key(item), default: 0]
            switch verdict {
            case .done: #expect(count == 1, "\(context): item \(item) is done, delivered \(count)")
            case .failedFinal, .inDoubt:
                #expect(count <= 1, "\(context): item \(item) was delivered \(count) times")
            case .fresh, .inFlight, .failedRetryable, .conflict:
                Issue.record("\(context): item \(item) was left \(verdict.word)")
            }
        }
    }

    /// The report of a run that had nothing to do says what the journal says.
    func expectSettled(_ counts: Counts, _ context: String) {
        #expect(counts["offered"] == plan.count, "\(context)")
        #expect(counts["sent"] == 0, "\(context): the last run sent")
        #expect(counts["left"] == 0 && counts["changed"] == 0 && counts["missing"] == 0)
        #expect(counts.settledCount == counts["offered"], "\(context): \(counts)")
        // A report of the provider may have come after the run had looked.
        guard !plan.takesCallbacks else { return }
        #expect(counts["done"] == count { if case .done = $0 { true } else { false } })
        #expect(counts["failed"] == count { if case .failedFinal = $0 { true } else { false } })
        #expect(counts["parked"] == count { if case .inDoubt = $0 { true } else { false } })
    }

    private func count(_ isCounted: (KeyVerdict) -> Bool) -> Int {
        verdicts.count { isCounted($0) }
    }
}

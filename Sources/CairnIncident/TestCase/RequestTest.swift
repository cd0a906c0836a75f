public import CairnCore
public import CairnDomains

/// A history as the source of a test, in which no text of it is left but the words of
/// its definition; numbers stay.
public struct RequestTest: Sendable {
    /// The events, with stand-ins for texts and at other times.
    public let events: [PipelineEvent]
    /// What the state after them shows, as expressions in Swift.
    public let facts: [String]
    /// The name of the suite: another one for other events.
    public let suiteName: String
    /// A file for Swift Testing.
    public let source: String

    /// The instant of the first event, whenever it was: the start of 2026.
    public static let start = Timestamp(nanoseconds: 1_767_225_600_000_000_000)
}

extension RequestCase {
    /// Tells a history as a test.
    ///
    /// - Parameters:
    ///   - rows: Those of the request's rows that the test is to have, in their order.
    ///   - isMinimal: Whether none of them can be left out.
    /// - Returns: The test, in which every text that the definition does not name is another one.
    /// - Throws: ``RequestCaseError/timesTooFarApart(_:)``.
    public func test(
        of rows: [EventRow],
        isMinimal: Bool
    ) throws(RequestCaseError) -> RequestTest {
        let recorded = rows.map(\.event)
        let first = recorded.first?.createdAt ?? RequestTest.start
        var pseudonyms = Pseudonyms(definition, request: requestID, of: self.rows)
        let events = recorded.map { event in
            pseudonyms.event(event).moved { RequestTest.start.adding($0.since(first)) }
        }
        let state = machine.replay(events)
        guard state.showsSame(as: machine.replay(recorded)) else {
            throw .timesTooFarApart(requestID)
        }
        let facts = CaseFacts(state: state, start: ("Self.start", RequestTest.start))
            .lines(of: point)
        let source = CaseSource(
            events: events,
            facts: facts,
            title: title,
            subject: subject,
            wholeCount: self.rows.count,
            isMinimal: isMinimal,
            machine: machine
        )
        return RequestTest(
            events: events,
            facts: facts,
            suiteName: source.suiteName,
            source: source.text
        )
    }

    /// The sentence that the test is called by.
    private var title: String {
        switch point {
        case .anomalies:
            let names = names
            return names.count > 3
                ? "the request shows \(names.count) kinds of anomaly"
                : "the request shows \(names.joined(separator: " and "))"
        case .failure: return "the request ends in a failure"
        case .predicate: return "the request stands where it stood"
        }
    }

    /// What the events are enough for.
    private var subject: String {
        switch point {
        case .anomalies: names.joined(separator: ", ")
        case .failure: "a failure at the end"
        case .predicate(let predicate):
            CaseField.allCases.filter { predicate.fields.contains($0) }.map(\.rawValue)
                .joined(separator: ", ")
        }
    }

    private var names: [String] {
        PipelineAnomaly.Kind.allCases.filter { kinds.contains($0) }.map(\.name)
    }
}

extension PipelineState {
    /// Whether two states differ in nothing but texts and times.
    fileprivate func showsSame(as other: PipelineState) -> Bool {
        anomalies == other.anomalies && isTerminal == other.isTerminal
            && reopenedCount == other.reopenedCount
            && current?.sequence == other.current?.sequence
            && stages.count == other.stages.count
    }
}

public import CairnCore

/// A history of a machine as the source of a test, in which no text of it is left; numbers stay.
public struct MachineTest: Sendable {
    /// The events as the machine reads them, with stand-ins for texts, and when each happened.
    public let events: [(document: JSONValue, instant: Timestamp)]
    /// What the state after them shows, as expressions in Swift.
    public let facts: [String]
    /// The name of the suite: another one for other events.
    public let suiteName: String
    /// A file for Swift Testing.
    public let source: String
}

extension MachineCase {
    /// Tells a history as a test.
    ///
    /// Texts are replaced as in a ``MachineBundle``, by stand-ins with numbers; numbers stay, and
    /// times are as far from the first event as they were.
    ///
    /// - Parameters:
    ///   - steps: Those of the stream's events that the test is to have, in their order.
    ///   - isMinimal: Whether none of them can be left out.
    ///   - machineSource: How the test makes the machine; by default with nothing given to it.
    /// - Returns: The test, which expects the members of the state that the predicate names.
    /// - Throws: ``MachineCaseError``.
    public func test(
        of steps: [Step],
        isMinimal: Bool,
        machineSource: String? = nil
    ) throws(MachineCaseError) -> MachineTest {
        let recorded = steps.compactMap(\.event)
        let state = state(after: recorded)
        var disguise = disguise(of: steps)
        var events: [(document: JSONValue, instant: Timestamp)] = []
        var others: [Rules.Event] = []
        for step in steps {
            guard let event = step.event else { continue }
            let document = disguise.value(machine.editableDocument(of: event))
            let instant = disguise.time(step.occurredAt)
            do throws(EventDocumentError) {
                others.append(try machine.event(from: document, at: instant))
            } catch {
                throw error == .notReadable
                    ? .notReadable(stream.kind) : .notAnEvent(position: step.position, error)
            }
            events.append((document, instant))
        }
        guard !disguise.hasLostTime else { throw .timesTooFarApart(stream) }
        let original = machine.document(of: state)
        let document = machine.document(of: self.state(after: others))
        let members = members(of: original)
        let shown = members.isEmpty ? [nil] : members.map { $0 }
        for member in shown {
            let path = [member].compactMap { $0 }
            let (whole, copy) = member.map { (original[$0], document[$0]) } ?? (original, document)
            // A member with another name was called by a text, and the test would name it.
            guard let whole, let copy else { throw .otherState(member: JSONPath(parts: path)) }
            if let place = disguise.difference(of: copy, from: whole, at: path) {
                throw .otherState(member: place)
            }
        }
        let (facts, values) = MachineCaseSource.facts(shown, of: document)
        let source = MachineCaseSource(
            events: events,
            facts: facts,
            values: values,
            // What the predicate names may be a text, unless it is a member of the state.
            subject: members.isEmpty ? ["its whole state"] : members,
            wholeCount: self.steps.count,
            isMinimal: isMinimal,
            typeName: String(reflecting: Rules.self),
            machineSource: machineSource
        )
        return MachineTest(
            events: events,
            facts: source.facts,
            suiteName: source.suiteName,
            source: source.text
        )
    }

    /// The members of a state that the predicate names, in their order.
    private func members(of document: JSONValue) -> [String] {
        guard case .object(let members) = document else { return [] }
        let names = Set(predicate.fields.map { ExactText($0.rawValue) })
        return members.map(\.key).filter { names.contains(ExactText($0)) }
    }

    private func disguise(of steps: [Step]) -> MachineDisguise {
        var words = ProgramWords()
        var taken: Set<ExactText> = [ExactText(stream.key)]
        for step in self.steps {
            guard let event = step.event else { continue }
            words.learn(from: event)
            machine.editableDocument(of: event).collectTexts(into: &taken)
        }
        let start = steps.first?.occurredAt ?? RequestTest.start
        var standIns = NumberedStandIns(besides: taken.union(words.all))
        // So that it is called what it is, wherever it is met first.
        _ = machine.isWord(stream.key) ? "" : standIns.name(of: stream.key, as: "key")
        let shift = RequestTest.start.since(start)
        return MachineDisguise(machine, words, standIns, shift: shift)
    }
}

extension JSONValue {
    /// Adds all texts that are in the value.
    fileprivate func collectTexts(into texts: inout Set<ExactText>) {
        switch self {
        case .null, .bool, .number: break
        case .string(let text): texts.insert(ExactText(text))
        case .array(let elements):
            for element in elements { element.collectTexts(into: &texts) }
        case .object(let members):
            for member in members {
                texts.insert(ExactText(member.key))
                member.value.collectTexts(into: &texts)
            }
        }
    }
}

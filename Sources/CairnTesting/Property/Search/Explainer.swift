/// Finds the values of a minimal case that might as well be any other.
///
/// Each value is drawn anew while the rest of the case is repeated. A value for which the case
/// never passes does not matter. That is what trying shows, not a proof.
struct Explainer {
    private(set) var failure: MinimalFailure
    private let minimal: CaseRecord
    private let choiceCountMax: Int
    private var seeds: SeededGenerator
    /// The value looked at; all that do not matter, together, once it is past the last.
    private var valueIndex = 0
    private var attemptCount = 0
    private var executionCount = 0
    private var sameCount = 0
    private var borrowed: [[Choice]]
    private var arbitrary: [Int] = []

    private static let attemptCountMax = 60
    private static let sameCountMax = 30
    /// Bounds what is spent on a case of many values; those not looked at are taken to matter.
    private static let executionCountMax = 1_000

    /// Starts from a failure, which has to be recorded and described.
    init(_ minimal: CaseRecord, seed: UInt64, _ choiceCountMax: Int) {
        self.minimal = minimal
        self.choiceCountMax = choiceCountMax
        failure = MinimalFailure(minimal)
        seeds = SeededGenerator(seed: seed)
        borrowed = Self.borrowed(for: 0, in: minimal)
    }

    mutating func next() -> CasePlan? {
        guard executionCount < Self.executionCountMax else { return nil }
        while valueIndex < minimal.values.count {
            let range = minimal.values[valueIndex].range
            let isFixed = minimal.nodes[range].allSatisfy { $0.domain.isForced }
            if isFixed || attemptCount >= Self.attemptCountMax || sameCount >= Self.sameCountMax {
                finishValue()
                continue
            }
            attemptCount += 1
            if let candidate = borrowed.popLast() {
                return CasePlan(choices: candidate, choiceCountMax: choiceCountMax)
            }
            return plan(varying: [valueIndex])
        }
        guard valueIndex == minimal.values.count, arbitrary.count > 1,
            attemptCount < Self.sameCountMax
        else { return nil }
        attemptCount += 1
        return plan(varying: arbitrary)
    }

    mutating func take(_ record: CaseRecord) {
        executionCount += 1
        if record.origin == minimal.origin {
            sameCount += 1
        } else if !record.isDiscarded {
            if valueIndex == minimal.values.count {
                failure.isArbitraryTogether = false
                valueIndex += 1
            } else {
                sameCount = 0
                attemptCount = Self.attemptCountMax
            }
        }
    }

    private mutating func finishValue() {
        // Cases that were mostly discarded say nothing.
        if sameCount >= Self.sameCountMax / 2 {
            arbitrary.append(valueIndex)
            failure.values[valueIndex].isArbitrary = true
        }
        valueIndex += 1
        attemptCount = 0
        sameCount = 0
        borrowed = Self.borrowed(for: valueIndex, in: minimal)
    }

    private mutating func plan(varying values: [Int]) -> CasePlan {
        CasePlan(
            choices: minimal.choices,
            tail: .random(seed: seeds.next()),
            variations: values.map { value in
                CasePlan.Variation(
                    value: value,
                    resumption: minimal.values[value].range.upperBound
                )
            },
            choiceCountMax: choiceCountMax
        )
    }

    /// The case with the choices of another value of the same kind in one value's place.
    ///
    /// Where two values must not be equal, chance alone would not show it.
    private static func borrowed(for index: Int, in minimal: CaseRecord) -> [[Choice]] {
        guard index < minimal.values.count else { return [] }
        let value = minimal.values[index]
        let own = minimal.choices[value.range]
        return minimal.values.filter { $0.label == value.label }.compactMap { other in
            let others = minimal.choices[other.range]
            guard others != own else { return nil }
            var choices = minimal.choices
            choices.replaceSubrange(value.range, with: others)
            return choices
        }
    }
}

/// Leaves things out of a list, as the shrinker leaves choices out of a case.
///
/// An element is a span of one choice, its place in the list, and each of its parts is a span of
/// one choice within it. So deleting spans is all there is to do.
struct ReductionSearch {
    /// The least that is known to hold.
    private(set) var found: [ReducedElement]
    /// Whether nothing more can be left out on its own.
    private(set) var isMinimal = false
    private(set) var runCount = 0
    private(set) var workCount = 0
    private let count: Int
    private let workCountMax: Int
    /// How many parts each element of the whole list has; nothing while they are not told apart.
    private var partCounts: [Int] = []

    private static let elementLabel = SpanLabel("reduced element")
    private static let partLabel = SpanLabel("reduced part")
    private static let origin = FailureOrigin(Held())

    /// Stands for what the condition is about.
    private struct Held: Error {}

    init(count: Int, workCountMax: Int) {
        self.count = count
        self.workCountMax = workCountMax
        found = (0..<count).map { ReducedElement(place: $0) }
    }

    /// Asks about the whole list.
    mutating func begin(_ holds: ([ReducedElement]) -> Bool) -> Bool {
        isMinimal = ask(found, holds)
        return isMinimal
    }

    /// Tells the parts of the elements that are left apart.
    mutating func divide(_ partCount: (Int) -> Int) {
        partCounts = Array(repeating: 0, count: count)
        for element in found { partCounts[element.place] = partCount(element.place) }
        for (index, element) in found.enumerated() {
            found[index].parts = Array(0..<partCounts[element.place])
        }
    }

    /// Leaves all parts out at once, where that is possible.
    mutating func tryBare(_ holds: ([ReducedElement]) -> Bool) {
        guard found.contains(where: { !$0.parts.isEmpty }) else { return }
        let bare = found.map { ReducedElement(place: $0.place, isWhole: partCounts[$0.place] == 0) }
        if ask(bare, holds) { found = bare }
    }

    /// Leaves out one thing after another until nothing is left to try, or the work is done.
    mutating func run(_ holds: ([ReducedElement]) -> Bool) {
        guard isMinimal, !found.isEmpty else { return }
        var shrinker = Shrinker(
            record(of: choices(of: found), holds: true),
            origin: Self.origin,
            executionCountMax: .max,
            stallCountMax: .max,
            passes: [.deleteSpans]
        )
        while let choices = shrinker.next() {
            let candidate = elements(of: choices)
            guard workCount + candidate.count <= workCountMax else {
                isMinimal = false
                break
            }
            shrinker.take(record(of: choices, holds: ask(candidate, holds)))
        }
        found = elements(of: shrinker.target.choices)
    }

    private mutating func ask(
        _ candidate: [ReducedElement],
        _ holds: ([ReducedElement]) -> Bool
    ) -> Bool {
        runCount += 1
        workCount += candidate.count
        return holds(candidate)
    }

    // An element is the number of its place, and a part a number below zero.

    private func choices(of elements: [ReducedElement]) -> [Choice] {
        elements.flatMap { element in
            [.integer(Int128(element.place))] + element.parts.map { .integer(-1 - Int128($0)) }
        }
    }

    private func elements(of choices: [Choice]) -> [ReducedElement] {
        var elements: [ReducedElement] = []
        for choice in choices {
            if choice.value >= 0 {
                elements.append(ReducedElement(place: Int(choice.value)))
            } else {
                elements[elements.count - 1].parts.append(Int(-1 - choice.value))
            }
        }
        guard !partCounts.isEmpty else { return elements }
        for index in elements.indices {
            let element = elements[index]
            elements[index].isWhole = element.parts.count == partCounts[element.place]
        }
        return elements
    }

    private func record(of choices: [Choice], holds: Bool) -> CaseRecord {
        let domain = ChoiceDomain.integer(
            IntegerDomain(lower: Int128(Int64.min), upper: Int128(Int64.max), origin: 0)
        )
        var spans: [ChoiceSpan] = []
        var element: Int?
        for (place, choice) in choices.enumerated() {
            let isElement = choice.value >= 0
            if !isElement, let element { spans[element].end = place + 1 }
            if isElement { element = spans.count }
            spans.append(
                ChoiceSpan(
                    label: isElement ? Self.elementLabel : Self.partLabel,
                    start: place,
                    parent: isElement ? nil : element,
                    end: place + 1
                )
            )
        }
        return CaseRecord(
            status: holds ? .failed(Self.origin) : .passed,
            choices: choices,
            nodes: choices.map { ChoiceNode(choice: $0, domain: domain) },
            spans: spans
        )
    }
}

/// A list made as short as it can be while something holds of it, and its elements as plain.
///
/// For what was recorded and not drawn, such as the events of a real stream: `check` makes the
/// choices behind a case simpler, and these have none.
///
/// ```swift
/// let story = Reduction(of: events) { Door().replay($0).isOpen }
/// #expect(story.elements == [.unlocked, .opened])
/// ```
public struct Reduction<Element> {
    /// What is left, in the order in which it stood.
    public let elements: [Element]
    /// Whether nothing that is left can be left out on its own.
    ///
    /// False where the work ended before, and where the condition did not hold in the first place.
    public let isMinimal: Bool
    /// How often the condition was asked.
    public let runCount: Int
    /// How many elements it was asked about, each time counted anew.
    public let workCount: Int

    /// Leaves out elements, and then parts of those that are left, as long as a condition holds.
    ///
    /// The same list and condition always give the same result. A list of which the condition does
    /// not hold at all stays as it is.
    ///
    /// - Parameters:
    ///   - elements: The whole list.
    ///   - partCount: How many parts of an element can be left out.
    ///   - keeping: An element with some of its parts only, given by their places in rising order.
    ///   - workCountMax: How many elements the condition may be asked about before the search for
    ///     more to leave out is given up.
    ///   - holds: Whether what has to be kept is there.
    /// - Complexity: The work that ``workCount`` tells; where few elements are left, it grows with
    ///   the length of the list times the logarithm of it for each of them.
    public init(
        of elements: [Element],
        partCount: (Element) -> Int = { _ in 0 },
        keeping: (Element, [Int]) -> Element = { element, _ in element },
        workCountMax: Int = .max,
        while holds: ([Element]) -> Bool
    ) {
        func isEnough(_ parts: [ReducedElement]) -> Bool {
            holds(parts.map { Self.element($0, of: elements, keeping) })
        }
        var search = ReductionSearch(count: elements.count, workCountMax: workCountMax)
        if search.begin(isEnough) {
            search.run(isEnough)
            search.divide { partCount(elements[$0]) }
            // What is plain already need not become so part by part.
            search.tryBare(isEnough)
            search.run(isEnough)
        }
        self.elements = search.found.map { Self.element($0, of: elements, keeping) }
        isMinimal = search.isMinimal
        runCount = search.runCount
        workCount = search.workCount
    }

    private static func element(
        _ reduced: ReducedElement,
        of elements: [Element],
        _ keeping: (Element, [Int]) -> Element
    ) -> Element {
        let element = elements[reduced.place]
        return reduced.isWhole ? element : keeping(element, reduced.parts)
    }
}

/// What is left of an element.
struct ReducedElement: Hashable, Sendable {
    let place: Int
    /// The parts that are left, where parts are told apart at all.
    var parts: [Int] = []
    var isWhole = true
}

extension Generator {
    /// What reaches a receiver of some callbacks: each at least once, some again, in any order.
    ///
    /// Each of them once and in order is simplest.
    ///
    /// - Parameters:
    ///   - elements: What is sent, in the order in which it is.
    ///   - repetitionCountMax: How many come once more.
    /// - Returns: The generator.
    public static func deliveries<Element: Sendable>(
        of elements: [Element],
        repetitionCountMax: Int = 3
    ) -> Generator where Value == [Element] {
        Generator(label: SpanLabel("deliveries")) { draw throws(CaseStop) in
            var all = elements
            if !elements.isEmpty {
                let repeated = Generator<Int>.int(in: 0...elements.count - 1)
                let count = 0...max(0, repetitionCountMax)
                all += try Generator<[Int]>.array(of: repeated, count: count).draw(&draw)
                    .map { elements[$0] }
            }
            return try Generator.shuffled(all).draw(&draw)
        }
    }
}

/// The test framework that a regression test is written for.
public enum RegressionStyle: Hashable, Sendable {
    /// A function with `@Test`.
    case swiftTesting
    /// A method of an `XCTestCase`.
    case xcTest
}

extension MinimalFailure {
    /// The case as the source of a test, in the style of the file that checks the property.
    ///
    /// Complete with imports; it fails as long as the case does. Nil where it is not known how a
    /// test could check the property. See ``regressionSource(_:)``.
    public var regressionSource: String? { caller.flatMap { regressionSource($0.style) } }

    /// The case as the source of a test for a framework, which fails as long as the case does.
    ///
    /// It belongs into the target of the test that found the failure and calls the function that
    /// checks the property: one without parameters, at the top of a file or in a type. The case is
    /// told by its values where they can be written, and by its token otherwise; see
    /// ``Regression`` and ``SwiftLiteralConvertible``.
    ///
    /// - Returns: Nil where it is not known how such a test could check the property: its function
    ///   has parameters, or belongs to a test of the other framework.
    public func regressionSource(_ style: RegressionStyle) -> String? {
        guard let caller else { return nil }
        let source = RegressionSource(
            property: property,
            failure: self,
            caller: caller,
            style: style
        )
        return source.text
    }
}

import CairnTesting
import XCTest

extension PlainCallTests {
    // a case of: numbers are small
    func testRegression_00000000() throws {
        let known = Regression("numbers are small") { script in
            script.value(100)  // number
        }
        try known.run { try testNumbersAreSmall() }
    }
}

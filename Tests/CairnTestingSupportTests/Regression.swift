import CairnTesting
import Foundation
import XCTest

extension PlainCallTests {
    // a case of: numbers are small
    func testRegression_788cc6a3() throws {
        // The same as a token: AQGhBtP6RcY
        let known = Regression("numbers are small") { script in
            script.value(100)  // number
        }
        try known.run { try testNumbersAreSmall() }
    }
}

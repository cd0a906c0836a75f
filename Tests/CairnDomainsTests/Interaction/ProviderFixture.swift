import CairnTestSupport
import Foundation

/// A provider's word as it stands in a recorded callback.
struct ProviderWord: Hashable {
    let provider: String
    let word: String
    var detail: String?
}

/// Pulls providers' words out of recorded callbacks, only as far as the tests need it.
struct ProviderFixture {
    let folder: String

    /// Every word in the folder's files.
    func words() throws -> [ProviderWord] {
        guard let data = RealData.folder else { return [] }
        let path = data + "/provider-webhooks/" + folder
        var words: [ProviderWord] = []
        for name in try FileManager.default.contentsOfDirectory(atPath: path).sorted() {
            let bytes = try Data(contentsOf: URL(filePath: path).appending(path: name))
            if name.hasSuffix(".json") {
                walk(try JSONSerialization.jsonObject(with: bytes)) { words += self.words(in: $0) }
            } else if folder == "twilio" {
                words += form(String(decoding: bytes, as: UTF8.self))
            }
        }
        return words
    }

    /// Every object in a value, also those in texts that are JSON themselves.
    private func walk(_ value: Any, _ body: ([String: Any]) -> Void) {
        if let object = value as? [String: Any] {
            body(object)
            for member in object.values { walk(member, body) }
        } else if let array = value as? [Any] {
            for element in array { walk(element, body) }
        } else if let text = value as? String, text.hasPrefix("{"),
            let inner = try? JSONSerialization.jsonObject(with: Data(text.utf8))
        {
            walk(inner, body)
        }
    }

    private func words(in object: [String: Any]) -> [ProviderWord] {
        func text(_ key: String) -> String? { object[key] as? String }
        func text(_ outer: String, _ key: String) -> String? {
            (object[outer] as? [String: Any])?[key] as? String
        }
        func word(_ key: String, detail: String? = nil) -> [ProviderWord] {
            text(key).map { [ProviderWord(provider: folder, word: $0, detail: detail)] } ?? []
        }
        switch folder {
        case "sendgrid": return word("event", detail: text("type"))
        case "mailgun": return word("event", detail: text("severity"))
        case "postmark": return word("RecordType", detail: text("Type"))
        case "mailchimp": return text("event") == nil ? word("type") : word("event")
        case "whatsapp":
            let errors = object["errors"] as? [[String: Any]]
            return word("status", detail: errors?.first?["code"].map { "\($0)" })
        case "amazon-ses-sns", "gcnotify": return amazon(object)
        case "stripe": return word("type")
        default: return []
        }
    }

    /// GC Notify is told by Amazon: the words are those of Amazon's three services.
    private func amazon(_ object: [String: Any]) -> [ProviderWord] {
        func text(_ outer: String, _ key: String) -> String? {
            (object[outer] as? [String: Any])?[key] as? String
        }
        if let status = object["messageStatus"] as? String {
            let isListed = ["SUCCESSFUL", "DELIVERED"].contains(status)
            let isFinal = (object["isFinal"] as? Bool).map { "\($0)" }
            let description = object["messageStatusDescription"] as? String ?? status
            return [
                ProviderWord(
                    provider: "amazon-pinpoint",
                    word: isListed ? status : description,
                    detail: isListed ? isFinal : nil
                )
            ]
        }
        if let status = object["status"] as? String, object["delivery"] != nil {
            let response = text("delivery", "providerResponse")
            return [ProviderWord(provider: "amazon-sns", word: status, detail: response)]
        }
        guard let type = (object["eventType"] ?? object["notificationType"]) as? String else {
            return []
        }
        let detail = text("bounce", "bounceType") ?? text("complaint", "complaintSubType")
        return [ProviderWord(provider: "amazon-ses", word: type, detail: detail)]
    }

    private func form(_ text: String) -> [ProviderWord] {
        var fields: [String: String] = [:]
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
            if parts.count == 2 { fields[parts[0]] = parts[1] }
        }
        return fields["MessageStatus"].map { status in
            [ProviderWord(provider: folder, word: status, detail: fields["ErrorCode"])]
        } ?? []
    }
}

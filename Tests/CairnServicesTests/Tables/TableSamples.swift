import Cairn
import Testing

/// Rows with everything that a way through a journal could lose.
enum TableSamples {
    struct Sample: Sendable, CustomTestStringConvertible {
        let name: String
        let table: TableImport
        let rows: ExportedTable
        let jsonl: String
        let csv: String

        var testDescription: String { name }
    }

    static let all = [system, touch, prompt, interaction]

    /// The third row is as the source's own example has it, the fourth as PostgreSQL prints a
    /// column without a zone, the fifth breaks the rules of names and levels.
    static let system = Sample(
        name: "system",
        table: .system,
        rows: .system,
        jsonl: """
            {"id":1,"created_at":"2026-01-21T10:00:00.123456Z","level":"WARN","event_type":"a.b","lead_id":null,"payload":null}
            {"id":7,"created_at":"2026-01-21T09:59:59.123456789Z","level":"INFO","event_type":"a.b","lead_id":0,"payload":{}}
            {"id":2,"created_at":"2026-01-21T10:00:00Z","level":"ERROR","event_type":"whatsapp.send_failure","lead_id":123,"payload":{"to":"1234567890","error":"caf\\u00e9, \\"x\\""}}
            {"id":3,"created_at":"2026-01-21 10:00:00.5","level":"INFO","event_type":"a.b.c","lead_id":-9223372036854775808,"payload":{ "n" : [1.50, 1e3, -0.0] }}
            {"id":4,"created_at":"2026-01-21 12:00:00+02","level":"warn","event_type":"No Rule\\n","lead_id":9223372036854775807,"payload":[1,"two"]}
            {"id":-5,"created_at":"2026-01-21T10:00:00.000000Z","level":"INFO","event_type":"","lead_id":null,"payload":"null"}
            {"id":6,"created_at":"2026-01-21T10:00:00.000000Z","level":"INFO","event_type":"a.b","lead_id":null,"payload":"{\\"a\\":\\n1}"}
            {"id":8,"created_at":"2026-01-21T10:00:00.000000Z","level":"INFO","event_type":"a.b","lead_id":null,"payload":"text"}
            {"id":9,"created_at":"2026-01-21T10:00:00.000000Z","level":"INFO","event_type":"a.b","lead_id":null,"payload":"\\"12\\""}
            {"id":10,"created_at":"2026-01-21T10:00:00.000000Z","level":"INFO","event_type":"a.b","lead_id":null,"payload":12}

            """,
        csv: #"""
            id,created_at,level,event_type,lead_id,payload
            1,2026-01-21 10:00:00.123456+00,WARN,a.b,,
            7,2026-01-21 09:59:59.123456789+00,INFO,a.b,0,{}
            2,2026-01-21T10:00:00Z,ERROR,whatsapp.send_failure,123,"{""to"":""1234567890"",""error"":""caf\u00e9, \""x\""""}"
            3,2026-01-21 10:00:00.5,INFO,a.b.c,-9223372036854775808,"{ ""n"" : [1.50, 1e3, -0.0] }"
            4,2026-01-21 12:00:00+02,warn,"No Rule
            ",9223372036854775807,"[1,""two""]"
            -5,2026-01-21 10:00:00+00,INFO,"",,null
            6,2026-01-21 10:00:00+00,INFO,a.b,,"{""a"":
            1}"
            8,2026-01-21 10:00:00+00,INFO,a.b,,"""text"""
            9,2026-01-21 10:00:00+00,INFO,a.b,,"""12"""
            10,2026-01-21 10:00:00+00,INFO,a.b,,12

            """#
    )

    /// Rows that come before what they name as their parent, JSON with spaces, numbers that are
    /// written in more than one way, and a user who is no number.
    static let touch = Sample(
        name: "touch",
        table: .touch,
        rows: .touch,
        jsonl: """
            {"id":5,"uid":"oseh_utbl_a3","user_id":12,"event":"{\\"type\\":\\"send_success\\",\\"parent\\":\\"oseh_utbl_a1\\",\\"destination\\":\\"+1555\\"}","created_at":1735689602.1234567}
            {"id":3,"uid":"oseh_utbl_a1","user_id":12,"event":"{\\"type\\": \\"send_attempt\\", \\"queued_at\\": 1.0, \\"channel\\": \\"sms\\", \\"event\\": \\"daily\\", \\"event_parameters\\": {\\"n\\": 1.50}}","created_at":1735689600}
            {"id":null,"uid":"utbl_b","user_id":12,"event":"{\\"type\\":\\"send_stale\\",\\"parent\\":\\"utbl_gone\\",\\"more\\":null}","created_at":1735689600.0}
            {"id":9,"uid":"utbl_c","user_id":"ada@example.com","event":"{\\"type\\":\\"send_unreachable\\",\\"parent\\":\\"utbl_gone\\"}","created_at":-0.0}
            {"id":10,"uid":"utbl_d","user_id":-3,"event":"{\\"type\\":\\"send_reachable\\",\\"parent\\":\\"utbl_gone\\",\\"message\\":{\\"body\\":\\"a,\\\\nb\\"},\\"destinations\\":[]}","created_at":1.7356896021234567e9}

            """,
        csv: """
            id,uid,user_id,event,created_at
            5,oseh_utbl_a3,12,"{""type"":""send_success"",""parent"":""oseh_utbl_a1"",""destination"":""+1555""}",1735689602.1234567
            3,oseh_utbl_a1,12,"{""type"": ""send_attempt"", ""queued_at"": 1.0, ""channel"": ""sms"", ""event"": ""daily"", ""event_parameters"": {""n"": 1.50}}",1735689600
            ,utbl_b,12,"{""type"":""send_stale"",""parent"":""utbl_gone"",""more"":null}",1735689600.0
            9,utbl_c,ada@example.com,"{""type"":""send_unreachable"",""parent"":""utbl_gone""}",-0.0
            10,utbl_d,-3,"{""type"":""send_reachable"",""parent"":""utbl_gone"",""message"":{""body"":""a,\\nb""},""destinations"":[]}",1.7356896021234567e9

            """
    )

    /// A negative prompt time, both zeros, data as Python writes it, an event after the leave
    /// event, and a session that is no number.
    static let prompt = Sample(
        name: "prompt",
        table: .prompt(PromptSessionOwners()),
        rows: .prompt,
        jsonl: """
            {"id":1,"uid":"ipe_a","interactive_prompt_session_id":1,"evtype":"join","data":"{}","prompt_time":-1.5,"created_at":1735689600.1234567}
            {"id":4,"uid":"ipe_b","interactive_prompt_session_id":1,"evtype":"numeric_prompt_response","data":"{\\"rating\\": 3}","prompt_time":0.1,"created_at":1735689612.0}
            {"id":3,"uid":"ipe_c","interactive_prompt_session_id":2,"evtype":"color_prompt_response","data":"{\\"index\\":0}","prompt_time":-0.0,"created_at":1735689612}
            {"id":2,"uid":"ipe_d","interactive_prompt_session_id":1,"evtype":"leave","data":"{}","prompt_time":30,"created_at":1e-05}
            {"id":null,"uid":"ipe_e","interactive_prompt_session_id":1,"evtype":"like","data":"{ }","prompt_time":0.30000000000000004,"created_at":-1.0}
            {"id":9,"uid":"ipe_f","interactive_prompt_session_id":"25/3","evtype":"press_prompt_start_response","data":"{}","prompt_time":1e22,"created_at":1735689612.5}

            """,
        csv: """
            id,uid,interactive_prompt_session_id,evtype,data,prompt_time,created_at
            1,ipe_a,1,join,{},-1.5,1735689600.1234567
            4,ipe_b,1,numeric_prompt_response,"{""rating"": 3}",0.1,1735689612.0
            3,ipe_c,2,color_prompt_response,"{""index"":0}",-0.0,1735689612
            2,ipe_d,1,leave,{},30,1e-05
            ,ipe_e,1,like,{ },0.30000000000000004,-1.0
            9,ipe_f,25/3,press_prompt_start_response,{},1e22,1735689612.5

            """
    )

    /// A row with nothing that it may lack, words in other cases, and an empty text.
    static let interaction = Sample(
        name: "interaction",
        table: .interaction,
        rows: .interaction,
        jsonl: #"""
            {"id":4,"interaction_uuid":"u-1","customer_id":101,"idempotency_key":"batch_66_user_101","channel":"EMAIL","status":"DELIVERED","body_content":"Hello,\nAda","notify_reference":"N1","provider_reference":"SM1","meta_data":{ "a" : 1.50 },"created_at":"2026-02-02T10:00:00.123456Z"}
            {"id":2,"interaction_uuid":"u-2","customer_id":102,"idempotency_key":null,"channel":"phone","status":"sent","body_content":"","notify_reference":null,"provider_reference":null,"meta_data":null,"created_at":"2026-02-02 09:00:00"}
            {"id":3,"interaction_uuid":"u-3","customer_id":"ada","idempotency_key":"k-3","channel":"FAX","status":"FAILED","body_content":null,"notify_reference":null,"provider_reference":null,"meta_data":"null","created_at":"2026-02-02T10:00:00.000000Z"}
            {"id":null,"interaction_uuid":"u-4","customer_id":101,"idempotency_key":"k-4","channel":"SMS","status":"OPENED","body_content":null,"notify_reference":null,"provider_reference":"SM4","meta_data":[],"created_at":"2026-02-02T10:00:00.000000Z"}

            """#,
        csv: """
            id,interaction_uuid,customer_id,idempotency_key,channel,status,body_content,notify_reference,provider_reference,meta_data,created_at
            4,u-1,101,batch_66_user_101,EMAIL,DELIVERED,"Hello,
            Ada",N1,SM1,"{ ""a"" : 1.50 }",2026-02-02 10:00:00.123456+00
            2,u-2,102,,phone,sent,"",,,,2026-02-02 09:00:00
            3,u-3,ada,k-3,FAX,FAILED,,,,null,2026-02-02 10:00:00+00
            ,u-4,101,k-4,SMS,OPENED,,,SM4,[],2026-02-02 10:00:00+00

            """
    )
}

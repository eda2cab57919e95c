#pragma once
// What a SQL Server says of encryption before anybody logs in, asked by the protocol's first
// exchange (MS-TDS 2.2.6.5 PRELOGIN): the client library tells a failure at that apart from no
// other.

// As the server's answer has them.
enum tds_offer {
    TDS_OFFER_UNKNOWN = -1, // no answer, or none of this protocol
    TDS_OFFER_LOGIN = 0,    // it can; the login is enough for it
    TDS_OFFER_ALL = 1,
    TDS_OFFER_NOTHING = 2, // it cannot
    TDS_OFFER_REQUIRED = 3
};

// Blocks, for as long as the time-out at each of its steps. `wanted`: what is asked for, of the
// same values; the server's answer depends on it.
enum tds_offer tds_prelogin_ask(const char *host, int port, enum tds_offer wanted, int timeout_s);

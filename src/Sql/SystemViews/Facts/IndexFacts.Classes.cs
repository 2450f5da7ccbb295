namespace Chitin.Sql.SystemViews.Facts;

static partial class IndexFacts
{
    /// <summary>Operator classes: OID, access method, name, family, input type, key type, default.</summary>
    internal const string Classes = """
1978 403 int4_ops 1976 23 0 t
1979 403 int2_ops 1976 21 0 t
1981 403 oid_ops 1989 26 0 t
3122 403 date_ops 434 1082 0 t
3123 403 float8_ops 1970 701 0 t
3124 403 int8_ops 1976 20 0 t
3125 403 numeric_ops 1988 1700 0 t
3126 403 text_ops 1994 25 0 t
3127 403 timestamptz_ops 434 1184 0 t
3128 403 timestamp_ops 434 1114 0 t
4217 403 text_pattern_ops 2095 25 0 f
4218 403 varchar_pattern_ops 2095 25 0 f
4219 403 bpchar_pattern_ops 2097 1042 0 f
10000 403 array_ops 397 2277 0 t
10001 405 array_ops 627 2277 0 t
10002 403 bit_ops 423 1560 0 t
10003 403 bool_ops 424 16 0 t
10004 403 bpchar_ops 426 1042 0 t
10005 405 bpchar_ops 427 1042 0 t
10006 403 bytea_ops 428 17 0 t
10007 403 char_ops 429 18 0 t
10008 405 char_ops 431 18 0 t
10009 403 cidr_ops 1974 869 0 f
10010 405 cidr_ops 1975 869 0 f
10011 405 date_ops 435 1082 0 t
10012 403 float4_ops 1970 700 0 t
10013 405 float4_ops 1971 700 0 t
10014 405 float8_ops 1971 701 0 t
10015 403 inet_ops 1974 869 0 t
10016 405 inet_ops 1975 869 0 t
10019 405 int2_ops 1977 21 0 t
10020 405 int4_ops 1977 23 0 t
10021 405 int8_ops 1977 20 0 t
10022 403 interval_ops 1982 1186 0 t
10023 405 interval_ops 1983 1186 0 t
10028 403 name_ops 1994 19 2275 t
10029 405 name_ops 1995 19 0 t
10030 405 numeric_ops 1998 1700 0 t
10031 405 oid_ops 1990 26 0 t
10032 403 oidvector_ops 1991 30 0 t
10033 405 oidvector_ops 1992 30 0 t
10034 403 record_ops 2994 2249 0 t
10035 405 record_ops 6194 2249 0 t
10036 403 record_image_ops 3194 2249 0 f
10037 405 text_ops 1995 25 0 t
10038 403 time_ops 1996 1083 0 t
10039 405 time_ops 1997 1083 0 t
10040 405 timestamptz_ops 1999 1184 0 t
10041 403 timetz_ops 2000 1266 0 t
10042 405 timetz_ops 2001 1266 0 t
10043 403 varbit_ops 2002 1562 0 t
10044 403 varchar_ops 1994 25 0 f
10045 405 varchar_ops 1995 25 0 f
10046 405 timestamp_ops 2040 1114 0 t
10048 405 bool_ops 2222 16 0 t
10049 405 bytea_ops 2223 17 0 t
10050 403 tid_ops 2789 27 0 t
10051 405 xid_ops 2225 28 0 t
10054 405 cid_ops 2226 29 0 t
10055 405 tid_ops 2227 27 0 t
10056 405 text_pattern_ops 2229 25 0 f
10057 405 varchar_pattern_ops 2229 25 0 f
10058 405 bpchar_pattern_ops 2231 1042 0 f
10059 405 aclitem_ops 2235 1033 0 t
10065 403 uuid_ops 2968 2950 0 t
10066 405 uuid_ops 2969 2950 0 t
10069 403 enum_ops 3522 3500 0 t
10070 405 enum_ops 3523 3500 0 t
10088 403 jsonb_ops 4033 3802 0 t
10089 405 jsonb_ops 4034 3802 0 t
""";
}

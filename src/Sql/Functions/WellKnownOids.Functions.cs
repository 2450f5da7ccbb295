namespace Chitin.Sql.Functions;

static partial class WellKnownOids
{
    /// <summary>One line per name: name, then oid:argument type oids.</summary>
    const string FunctionTable = """
abs 1394:700 1395:701 1396:20 1397:23 1398:21 1705:1700
aclcontains 1037:1034,1033
acldefault 3943:18,26
aclexplode 1689:1034
aclinsert 1035:1034,1033
aclitemeq 1062:1033,1033
aclitemout 1032:1033
aclremove 1036:1034,1033
acos 1601:701
acosd 2732:701
acosh 2466:701
age 1181:28 1199:1184,1184 1386:1184 2058:1114,1114 2059:1114
amvalidate 338:26
any_out 2295:2276
anyarray_out 2297:2277
anyarray_send 2503:2277
anycompatible_out 5087:5077
anycompatiblearray_out 5089:5078
anycompatiblearray_send 5091:5078
anycompatiblenonarray_out 5093:5079
anyelement_out 2313:2283
anyenum_out 3505:3500
anynonarray_out 2778:2776
anytextcat 2004:2776,25
array_agg 2335:2776 4053:2277
array_append 378:5078,5077
array_cat 383:5078,5078
array_dims 747:2277
array_eq 744:2277,2277
array_fill 1193:2283,1007 1286:2283,1007,1007
array_ge 396:2277,2277
array_gt 392:2277,2277
array_larger 515:2277,2277
array_le 393:2277,2277
array_length 2176:2277,23
array_lower 2091:2277,23
array_lt 391:2277,2277
array_ndims 748:2277
array_ne 390:2277,2277
array_out 751:2277
array_position 3277:5078,5077 3278:5078,5077,23
array_positions 3279:5078,5077
array_prepend 379:5077,5078
array_remove 3167:5078,5077
array_replace 3168:5078,5077,5077
array_send 2401:2277
array_smaller 516:2277,2277
array_to_json 3153:2277 3154:2277,16
array_to_string 384:2277,25,25 395:2277,25
array_to_tsvector 3327:1009
array_upper 2092:2277,23
arraycontained 2749:2277,2277
arraycontains 2748:2277,2277
arrayoverlap 2747:2277,2277
ascii 1620:25
asin 1600:701
asind 2731:701
asinh 2465:701
atan 1602:701
atan2 1603:701,701
atan2d 2734:701,701
atand 2733:701
atanh 2467:701
avg 2100:20 2101:23 2102:21 2103:1700 2104:700 2105:701 2106:1186
bit 1683:23,23 1685:1560,23,16 2075:20,23
bit_and 2236:21 2238:23 2240:20 2242:1560
bit_count 6162:1560 6163:17
bit_length 1810:17 1811:25 1812:1560
bit_or 2237:21 2239:23 2241:20 2243:1560
bit_out 1565:1560
bit_send 2457:1560
bit_xor 6164:21 6165:23 6166:20 6167:1560
bitand 1673:1560,1560
bitcat 1679:1562,1562
bitcmp 1596:1560,1560
biteq 1581:1560,1560
bitge 1592:1560,1560
bitgt 1593:1560,1560
bitle 1594:1560,1560
bitlt 1595:1560,1560
bitne 1582:1560,1560
bitnot 1676:1560
bitor 1674:1560,1560
bitshiftleft 1677:1560,23
bitshiftright 1678:1560,23
bittypmodout 2920:23
bitxor 1675:1560,1560
bool 2557:23 3556:3802
bool_and 2517:16
bool_or 2518:16
booland_statefunc 2515:16,16
booleq 60:16,16
boolge 1692:16,16
boolgt 57:16,16
boolle 1691:16,16
boollt 56:16,16
boolne 84:16,16
boolor_statefunc 2516:16,16
boolout 1243:16
boolsend 2437:16
bpchar 408:19 668:1042,23,16 860:18
bpchar_larger 1063:1042,1042
bpchar_pattern_ge 2177:1042,1042
bpchar_pattern_gt 2178:1042,1042
bpchar_pattern_le 2175:1042,1042
bpchar_pattern_lt 2174:1042,1042
bpchar_smaller 1064:1042,1042
bpcharcmp 1078:1042,1042
bpchareq 1048:1042,1042
bpcharge 1052:1042,1042
bpchargt 1051:1042,1042
bpchariclike 1660:1042,25
bpcharicnlike 1661:1042,25
bpcharicregexeq 1656:1042,25
bpcharicregexne 1657:1042,25
bpcharle 1050:1042,1042
bpcharlike 1631:1042,25
bpcharlt 1049:1042,1042
bpcharne 1053:1042,1042
bpcharnlike 1632:1042,25
bpcharout 1045:1042
bpcharregexeq 1658:1042,25
bpcharregexne 1659:1042,25
bpcharsend 2431:1042
bpchartypmodout 2914:23
btarraycmp 382:2277,2277
btboolcmp 1693:16,16
btbpchar_pattern_cmp 2180:1042,1042
btcharcmp 358:18,18
btequalimage 5051:26
btfloat48cmp 2194:700,701
btfloat4cmp 354:700,700
btfloat84cmp 2195:701,700
btfloat8cmp 355:701,701
btint24cmp 2190:21,23
btint28cmp 2192:21,20
btint2cmp 350:21,21
btint42cmp 2191:23,21
btint48cmp 2188:23,20
btint4cmp 351:23,23
btint82cmp 2193:20,21
btint84cmp 2189:20,23
btint8cmp 842:20,20
btnamecmp 359:19,19
btnametextcmp 246:19,25
btoidcmp 356:26,26
btoidvectorcmp 404:30,30
btrecordcmp 2987:2249,2249
btrecordimagecmp 3187:2249,2249
btrim 884:25,25 885:25 2015:17,17
bttext_pattern_cmp 2166:25,25
bttextcmp 360:25,25
bttextnamecmp 253:25,19
bttidcmp 2794:27,27
btvarstrequalimage 5050:26
byteacat 2011:17,17
byteacmp 1954:17,17
byteaeq 1948:17,17
byteage 1952:17,17
byteagt 1951:17,17
byteale 1950:17,17
bytealike 2005:17,17
bytealt 1949:17,17
byteane 1953:17,17
byteanlike 2006:17,17
byteaout 31:17
byteasend 2413:17
cardinality 3179:2277
cbrt 1345:701
ceil 1711:1700 2308:701
ceiling 2167:1700 2320:701
char 78:23 944:25
char_length 1372:1042 1381:25
character_length 1367:1042 1369:25
chareq 61:18,18
charge 74:18,18
chargt 73:18,18
charle 72:18,18
charlt 1246:18,18
charne 70:18,18
charout 33:18
charsend 2435:18
chr 1621:23
clock_timestamp 2649:
col_description 1216:26,23
concat 3058:2276
concat_ws 3059:25,2276
convert 1813:17,19,19
convert_from 1714:17,19
convert_to 1717:25,19
corr 2829:701,701
cos 1605:701
cosd 2736:701
cosh 2463:701
cot 1607:701
cotd 2738:701
count 2147:2276 2803:
covar_pop 2827:701,701
covar_samp 2828:701,701
cume_dist 3104: 3990:2276
current_database 861:
current_query 817:
current_schema 1402:
current_schemas 1403:16
current_setting 2077:25 3294:25,16
current_user 745:
currtid2 1294:25,27
currval 1575:2205
database_to_xml 2936:16,16,25
database_to_xml_and_xmlschema 2938:16,16,25
database_to_xmlschema 2937:16,16,25
date 1178:1184 2029:1114
date_bin 6177:1186,1114,1114 6178:1186,1184,1184
date_cmp 1092:1082,1082
date_cmp_timestamp 2344:1082,1114
date_cmp_timestamptz 2357:1082,1184
date_eq 1086:1082,1082
date_eq_timestamp 2340:1082,1114
date_eq_timestamptz 2353:1082,1184
date_ge 1090:1082,1082
date_ge_timestamp 2342:1082,1114
date_ge_timestamptz 2355:1082,1184
date_gt 1089:1082,1082
date_gt_timestamp 2341:1082,1114
date_gt_timestamptz 2354:1082,1184
date_larger 1138:1082,1082
date_le 1088:1082,1082
date_le_timestamp 2339:1082,1114
date_le_timestamptz 2352:1082,1184
date_lt 1087:1082,1082
date_lt_timestamp 2338:1082,1114
date_lt_timestamptz 2351:1082,1184
date_mi 1140:1082,1082
date_mi_interval 2072:1082,1186
date_mii 1142:1082,23
date_ne 1091:1082,1082
date_ne_timestamp 2343:1082,1114
date_ne_timestamptz 2356:1082,1184
date_out 1085:1082
date_part 1171:25,1184 1172:25,1186 1273:25,1266 1384:25,1082 1385:25,1083 2021:25,1114
date_pl_interval 2071:1082,1186
date_pli 1141:1082,23
date_send 2469:1082
date_smaller 1139:1082,1082
date_trunc 1217:25,1184 1218:25,1186 1284:25,1184,25 2020:25,1114
datemultirange 4292:
daterange 3941:1082,1082 3942:1082,1082,25
daterange_subdiff 3925:1082,1082
datetime_pl 1272:1082,1083
datetimetz_pl 1297:1082,1266
dcbrt 231:701
decode 1947:25,25
degrees 1608:701
dense_rank 3102: 3992:2276
dexp 233:701
div 1973:1700,1700
dlog1 234:701
dlog10 1339:701
dpow 232:701,701
dround 228:701
dsqrt 230:701
dtrunc 229:701
encode 1946:17,25
enum_cmp 3514:3500,3500
enum_eq 3508:3500,3500
enum_first 3528:3500
enum_ge 3513:3500,3500
enum_gt 3511:3500,3500
enum_larger 3525:3500,3500
enum_last 3529:3500
enum_le 3512:3500,3500
enum_lt 3510:3500,3500
enum_ne 3509:3500,3500
enum_out 3507:3500
enum_range 3530:3500,3500 3531:3500
enum_send 3533:3500
enum_smaller 3524:3500,3500
every 2519:16
exp 1347:701 1732:1700
extract 6199:25,1082 6200:25,1083 6201:25,1266 6202:25,1114 6203:25,1184 6204:25,1186
factorial 1376:20
first_value 3112:2283
float4 236:21 312:701 318:23 652:20 1745:1700 3453:3802
float48div 280:700,701
float48eq 299:700,701
float48ge 304:700,701
float48gt 303:700,701
float48le 302:700,701
float48lt 301:700,701
float48mi 282:700,701
float48mul 279:700,701
float48ne 300:700,701
float48pl 281:700,701
float4_accum 208:1022,700
float4abs 207:700
float4div 203:700,700
float4eq 287:700,700
float4ge 292:700,700
float4gt 291:700,700
float4larger 209:700,700
float4le 290:700,700
float4lt 289:700,700
float4mi 205:700,700
float4mul 202:700,700
float4ne 288:700,700
float4out 201:700
float4pl 204:700,700
float4send 2425:700
float4smaller 211:700,700
float4um 206:700
float4up 1913:700
float8 235:21 311:700 316:23 482:20 1746:1700 2580:3802
float84div 284:701,700
float84eq 305:701,700
float84ge 310:701,700
float84gt 309:701,700
float84le 308:701,700
float84lt 307:701,700
float84mi 286:701,700
float84mul 283:701,700
float84ne 306:701,700
float84pl 285:701,700
float8_accum 222:1022,701
float8_avg 1830:1022
float8_combine 276:1022,1022
float8_corr 2817:1022
float8_covar_pop 2815:1022
float8_covar_samp 2816:1022
float8_regr_accum 2806:1022,701,701
float8_regr_avgx 2810:1022
float8_regr_avgy 2811:1022
float8_regr_combine 3342:1022,1022
float8_regr_intercept 2814:1022
float8_regr_r2 2812:1022
float8_regr_slope 2813:1022
float8_regr_sxx 2807:1022
float8_regr_sxy 2809:1022
float8_regr_syy 2808:1022
float8_stddev_pop 2513:1022
float8_stddev_samp 1832:1022
float8_var_pop 2512:1022
float8_var_samp 1831:1022
float8abs 221:701
float8div 217:701,701
float8eq 293:701,701
float8ge 298:701,701
float8gt 297:701,701
float8larger 223:701,701
float8le 296:701,701
float8lt 295:701,701
float8mi 219:701,701
float8mul 216:701,701
float8ne 294:701,701
float8out 215:701
float8pl 218:701,701
float8send 2427:701
float8smaller 224:701,701
float8um 220:701
float8up 1914:701
floor 1712:1700 2309:701
fmgr_c_validator 2247:26
fmgr_internal_validator 2246:26
fmgr_sql_validator 2248:26
format 3539:25,2276 3540:25
format_type 1081:26,23
gcd 5044:23,23 5045:20,20 5048:1700,1700
gen_random_uuid 3432:
generate_series 938:1114,1114,1186 939:1184,1184,1186 1066:23,23,23 1067:23,23 1068:20,20,20 1069:20,20 3259:1700,1700,1700 3260:1700,1700
generate_subscripts 1191:2277,23,16 1192:2277,23
get_bit 723:17,20 3032:1560,23
get_byte 721:17,23
get_current_ts_config 3759:
getdatabaseencoding 1039:
getpgusername 710:
has_any_column_privilege 3024:19,25,25 3025:19,26,25 3026:26,25,25 3027:26,26,25 3028:25,25 3029:26,25
has_column_privilege 3012:19,25,25,25 3013:19,25,21,25 3014:19,26,25,25 3015:19,26,21,25 3016:26,25,25,25 3017:26,25,21,25 3018:26,26,25,25 3019:26,26,21,25 3020:25,25,25 3021:25,21,25 3022:26,25,25 3023:26,21,25
has_database_privilege 2250:19,25,25 2251:19,26,25 2252:26,25,25 2253:26,26,25 2254:25,25 2255:26,25
has_foreign_data_wrapper_privilege 3000:19,25,25 3001:19,26,25 3002:26,25,25 3003:26,26,25 3004:25,25 3005:26,25
has_function_privilege 2256:19,25,25 2257:19,26,25 2258:26,25,25 2259:26,26,25 2260:25,25 2261:26,25
has_language_privilege 2262:19,25,25 2263:19,26,25 2264:26,25,25 2265:26,26,25 2266:25,25 2267:26,25
has_parameter_privilege 6205:19,25,25 6206:26,25,25 6207:25,25
has_schema_privilege 2268:19,25,25 2269:19,26,25 2270:26,25,25 2271:26,26,25 2272:25,25 2273:26,25
has_sequence_privilege 2181:19,25,25 2182:19,26,25 2183:26,25,25 2184:26,26,25 2185:25,25 2186:26,25
has_server_privilege 3006:19,25,25 3007:19,26,25 3008:26,25,25 3009:26,26,25 3010:25,25 3011:26,25
has_table_privilege 1922:19,25,25 1923:19,26,25 1924:26,25,25 1925:26,26,25 1926:25,25 1927:26,25
has_tablespace_privilege 2390:19,25,25 2391:19,26,25 2392:26,25,25 2393:26,26,25 2394:25,25 2395:26,25
has_type_privilege 3138:19,25,25 3139:19,26,25 3140:26,25,25 3141:26,26,25 3142:25,25 3143:26,25
hash_aclitem 329:1033
hash_aclitem_extended 777:1033,20
hash_array 626:2277
hash_array_extended 782:2277,20
hash_numeric 432:1700
hash_numeric_extended 780:1700,20
hash_record 6192:2249
hash_record_extended 6193:2249,20
hashbpchar 1080:1042
hashbpcharextended 972:1042,20
hashchar 454:18
hashcharextended 446:18,20
hashenum 3515:3500
hashenumextended 3414:3500,20
hashfloat4 451:700
hashfloat4extended 443:700,20
hashfloat8 452:701
hashfloat8extended 444:701,20
hashint2 449:21
hashint2extended 441:21,20
hashint4 450:23
hashint4extended 425:23,20
hashint8 949:20
hashint8extended 442:20,20
hashname 455:19
hashnameextended 447:19,20
hashoid 453:26
hashoidextended 445:26,20
hashoidvector 457:30
hashoidvectorextended 776:30,20
hashtext 400:25
hashtextextended 448:25,20
hashtid 2233:27
hashtidextended 2234:27,20
in_range 4126:20,20,20,16,16 4127:23,23,20,16,16 4128:23,23,23,16,16 4129:23,23,21,16,16 4130:21,21,20,16,16 4131:21,21,23,16,16 4132:21,21,21,16,16 4133:1082,1082,1186,16,16 4134:1114,1114,1186,16,16 4135:1184,1184,1186,16,16 4136:1186,1186,1186,16,16 4137:1083,1083,1186,16,16 4138:1266,1266,1186,16,16 4139:701,701,701,16,16 4140:700,700,701,16,16 4141:1700,1700,1700,16,16
inet_client_addr 2196:
inet_client_port 2197:
inet_server_addr 2198:
inet_server_port 2199:
initcap 872:25
int2 237:701 238:700 314:23 714:20 1783:1700 3450:3802
int24div 172:21,23
int24eq 158:21,23
int24ge 168:21,23
int24gt 162:21,23
int24le 166:21,23
int24lt 160:21,23
int24mi 182:21,23
int24mul 170:21,23
int24ne 164:21,23
int24pl 178:21,23
int28div 948:21,20
int28eq 1850:21,20
int28ge 1855:21,20
int28gt 1853:21,20
int28le 1854:21,20
int28lt 1852:21,20
int28mi 942:21,20
int28mul 943:21,20
int28ne 1851:21,20
int28pl 841:21,20
int2_avg_accum 1962:1016,21
int2_avg_accum_inv 3570:1016,21
int2_sum 1840:20,21
int2abs 1253:21
int2and 1892:21,21
int2div 153:21,21
int2eq 63:21,21
int2ge 151:21,21
int2gt 146:21,21
int2int4_sum 3572:1016
int2larger 770:21,21
int2le 148:21,21
int2lt 64:21,21
int2mi 180:21,21
int2mod 155:21,21
int2mul 152:21,21
int2ne 145:21,21
int2not 1895:21
int2or 1893:21,21
int2out 39:21
int2pl 176:21,21
int2send 2405:21
int2shl 1896:21,23
int2shr 1897:21,23
int2smaller 771:21,21
int2um 213:21
int2up 1911:21
int2vectorout 41:22
int2vectorsend 2411:22
int2xor 1894:21,21
int4 77:18 313:21 317:701 319:700 480:20 1684:1560 1744:1700 2558:16 3451:3802
int42div 173:23,21
int42eq 159:23,21
int42ge 169:23,21
int42gt 163:23,21
int42le 167:23,21
int42lt 161:23,21
int42mi 183:23,21
int42mul 171:23,21
int42ne 165:23,21
int42pl 179:23,21
int48div 1281:23,20
int48eq 852:23,20
int48ge 857:23,20
int48gt 855:23,20
int48le 856:23,20
int48lt 854:23,20
int48mi 1279:23,20
int48mul 1280:23,20
int48ne 853:23,20
int48pl 1278:23,20
int4_avg_accum 1963:1016,23
int4_avg_accum_inv 3571:1016,23
int4_avg_combine 3324:1016,1016
int4_sum 1841:20,23
int4abs 1251:23
int4and 1898:23,23
int4div 154:23,23
int4eq 65:23,23
int4ge 150:23,23
int4gt 147:23,23
int4inc 766:23
int4larger 768:23,23
int4le 149:23,23
int4lt 66:23,23
int4mi 181:23,23
int4mod 156:23,23
int4mul 141:23,23
int4multirange 4280:
int4ne 144:23,23
int4not 1901:23
int4or 1899:23,23
int4out 43:23
int4pl 177:23,23
int4range 3840:23,23 3841:23,23,25
int4range_subdiff 3922:23,23
int4send 2407:23
int4shl 1902:23,23
int4shr 1903:23,23
int4smaller 769:23,23
int4um 212:23
int4up 1912:23
int4xor 1900:23,23
int8 481:23 483:701 653:700 754:21 1288:26 1779:1700 2076:1560 3452:3802
int82div 840:20,21
int82eq 1856:20,21
int82ge 1861:20,21
int82gt 1859:20,21
int82le 1860:20,21
int82lt 1858:20,21
int82mi 838:20,21
int82mul 839:20,21
int82ne 1857:20,21
int82pl 837:20,21
int84div 1277:20,23
int84eq 474:20,23
int84ge 479:20,23
int84gt 477:20,23
int84le 478:20,23
int84lt 476:20,23
int84mi 1275:20,23
int84mul 1276:20,23
int84ne 475:20,23
int84pl 1274:20,23
int8_avg 1964:1016
int8_sum 1842:1700,20
int8abs 1230:20
int8and 1904:20,20
int8dec 3546:20
int8dec_any 3547:20,2276
int8div 466:20,20
int8eq 467:20,20
int8ge 472:20,20
int8gt 470:20,20
int8inc 1219:20
int8inc_any 2804:20,2276
int8inc_float8_float8 2805:20,701,701
int8larger 1236:20,20
int8le 471:20,20
int8lt 469:20,20
int8mi 464:20,20
int8mod 945:20,20
int8mul 465:20,20
int8multirange 4295:
int8ne 468:20,20
int8not 1907:20
int8or 1905:20,20
int8out 461:20
int8pl 463:20,20
int8range 3945:20,20 3946:20,20,25
int8range_subdiff 3923:20,20
int8send 2409:20
int8shl 1908:20,23
int8shr 1909:20,23
int8smaller 1237:20,20
int8um 462:20
int8up 1910:20
int8xor 1906:20,20
integer_pl_date 2550:23,1082
interval 1200:1186,23 1370:1083
interval_accum 1843:1187,1186
interval_accum_inv 3549:1187,1186
interval_avg 1844:1187
interval_cmp 1315:1186,1186
interval_combine 3325:1187,1187
interval_div 1326:1186,701
interval_eq 1162:1186,1186
interval_ge 1166:1186,1186
interval_gt 1167:1186,1186
interval_hash 1697:1186
interval_hash_extended 3418:1186,20
interval_larger 1198:1186,1186
interval_le 1165:1186,1186
interval_lt 1164:1186,1186
interval_mi 1170:1186,1186
interval_mul 1618:1186,701
interval_ne 1163:1186,1186
interval_out 1161:1186
interval_pl 1169:1186,1186
interval_pl_date 2546:1186,1082
interval_pl_time 1848:1186,1083
interval_pl_timestamp 2548:1186,1114
interval_pl_timestamptz 2549:1186,1184
interval_pl_timetz 2547:1186,1266
interval_send 2479:1186
interval_smaller 1197:1186,1186
interval_um 1168:1186
intervaltypmodout 2904:23
is_normalized 4351:25,25
isfinite 1373:1082 1389:1184 1390:1186 2048:1114
json_agg 3175:2283
json_array_element 3949:114,23
json_array_element_text 3950:114,23
json_array_elements 3955:114
json_array_elements_text 3969:114
json_array_length 3956:114
json_build_array 3198:2276 3199:
json_build_object 3200:2276 3201:
json_each 3958:114
json_each_text 3959:114
json_extract_path 3951:114,1009
json_extract_path_text 3953:114,1009
json_object 3202:1009 3203:1009,1009
json_object_agg 3197:2276,2276
json_object_field 3947:114,25
json_object_field_text 3948:114,25
json_object_keys 3957:114
json_out 322:114
json_populate_record 3960:2283,114,16
json_populate_recordset 3961:2283,114,16
json_send 324:114
json_strip_nulls 3261:114
json_to_record 3204:114
json_to_recordset 3205:114
json_to_tsvector 4215:114,3802 4216:3734,114,3802
json_typeof 3968:114
jsonb_agg 3267:2283
jsonb_array_element 3215:3802,23
jsonb_array_element_text 3216:3802,23
jsonb_array_elements 3219:3802
jsonb_array_elements_text 3465:3802
jsonb_array_length 3207:3802
jsonb_build_array 3271:2276 3272:
jsonb_build_object 3273:2276 3274:
jsonb_cmp 4044:3802,3802
jsonb_concat 3301:3802,3802
jsonb_contained 4050:3802,3802
jsonb_contains 4046:3802,3802
jsonb_delete 3302:3802,25 3303:3802,23 3343:3802,1009
jsonb_delete_path 3304:3802,1009
jsonb_each 3208:3802
jsonb_each_text 3932:3802
jsonb_eq 4043:3802,3802
jsonb_exists 4047:3802,25
jsonb_exists_all 4049:3802,1009
jsonb_exists_any 4048:3802,1009
jsonb_extract_path 3217:3802,1009
jsonb_extract_path_text 3940:3802,1009
jsonb_ge 4042:3802,3802
jsonb_gt 4040:3802,3802
jsonb_hash 4045:3802
jsonb_hash_extended 3416:3802,20
jsonb_insert 3579:3802,1009,3802,16
jsonb_le 4041:3802,3802
jsonb_lt 4039:3802,3802
jsonb_ne 4038:3802,3802
jsonb_object 3263:1009 3264:1009,1009
jsonb_object_agg 3270:2276,2276
jsonb_object_field 3478:3802,25
jsonb_object_field_text 3214:3802,25
jsonb_object_keys 3931:3802
jsonb_out 3804:3802
jsonb_path_exists 4005:3802,4072,3802,16
jsonb_path_exists_opr 4010:3802,4072
jsonb_path_exists_tz 1177:3802,4072,3802,16
jsonb_path_match 4009:3802,4072,3802,16
jsonb_path_match_opr 4011:3802,4072
jsonb_path_match_tz 2030:3802,4072,3802,16
jsonb_path_query 4006:3802,4072,3802,16
jsonb_path_query_array 4007:3802,4072,3802,16
jsonb_path_query_array_tz 1180:3802,4072,3802,16
jsonb_path_query_first 4008:3802,4072,3802,16
jsonb_path_query_first_tz 2023:3802,4072,3802,16
jsonb_path_query_tz 1179:3802,4072,3802,16
jsonb_populate_record 3209:2283,3802
jsonb_populate_recordset 3475:2283,3802
jsonb_pretty 3306:3802
jsonb_send 3803:3802
jsonb_set 3305:3802,1009,3802,16
jsonb_set_lax 5054:3802,1009,3802,16,25
jsonb_strip_nulls 3262:3802
jsonb_to_record 3490:3802
jsonb_to_recordset 3491:3802
jsonb_to_tsvector 4213:3802,3802 4214:3734,3802,3802
jsonb_typeof 3210:3802
jsonpath_out 4003:4072
jsonpath_send 4004:4072
justify_days 1295:1186
justify_hours 1175:1186
justify_interval 2711:1186
lag 3106:2283 3107:2283,23 3108:5077,23,5077
last_value 3113:2283
lastval 2559:
lcm 5046:23,23 5047:20,20 5049:1700,1700
lead 3109:2283 3110:2283,23 3111:5077,23,5077
left 3060:25,23
length 1317:25 1318:1042 1681:1560 1713:17,19 2010:17
like 1569:25,25 1571:19,25 2007:17,17
like_escape 1637:25,25 2009:17,17
ln 1341:701 1734:1700
log 1340:701 1736:1700,1700 1741:1700
log10 1194:701 1481:1700
lower 870:25
lpad 873:25,23,25 879:25,23
ltrim 875:25,25 881:25 6195:17,17
make_date 3846:23,23,23
make_interval 3464:23,23,23,23,23,23,701
make_time 3847:23,23,701
make_timestamp 3461:23,23,23,23,23,701
make_timestamptz 3462:23,23,23,23,23,701 3463:23,23,23,23,23,701,25
makeaclitem 1365:26,26,25,16
max 2050:2277 2115:20 2116:23 2117:21 2118:26 2119:700 2120:701 2122:1082 2123:1083 2124:1266 2126:1114 2127:1184 2128:1186 2129:25 2130:1700 2244:1042 2797:27 3526:3500 5099:5069
md5 2311:25 2321:17
min 2051:2277 2131:20 2132:23 2133:21 2134:26 2135:700 2136:701 2138:1082 2139:1083 2140:1266 2142:1114 2143:1184 2144:1186 2145:25 2146:1700 2245:1042 2798:27 3527:3500 5100:5069
min_scale 5042:1700
mod 940:21,21 941:23,23 947:20,20 1728:1700,1700
mode 3984:2283
money 3811:23 3812:20 3824:1700
mul_d_interval 1624:701,1186
mxid_age 3939:28
name 407:25 409:1042 1400:1043
nameconcatoid 266:19,26
nameeq 62:19,19
nameeqtext 240:19,25
namege 658:19,19
namegetext 243:19,25
namegt 657:19,19
namegttext 244:19,25
nameiclike 1635:19,25
nameicnlike 1636:19,25
nameicregexeq 1240:19,25
nameicregexne 1241:19,25
namele 656:19,19
nameletext 242:19,25
namelike 858:19,25
namelt 655:19,19
namelttext 241:19,25
namene 659:19,19
namenetext 245:19,25
namenlike 859:19,25
nameout 35:19
nameregexeq 79:19,25
nameregexne 1252:19,25
namesend 2423:19
nextval 1574:2205
normalize 4350:25,25
notlike 1570:25,25 1572:19,25 2008:17,17
now 1299:
nth_value 3114:2283,23
ntile 3105:23
num_nonnulls 440:2276
num_nulls 438:2276
numeric 1703:1700,23 1740:23 1742:700 1743:701 1781:20 1782:21 3449:3802
numeric_abs 1704:1700
numeric_add 1724:1700,1700
numeric_cmp 1769:1700,1700
numeric_div 1727:1700,1700
numeric_div_trunc 1980:1700,1700
numeric_eq 1718:1700,1700
numeric_exp 1733:1700
numeric_ge 1721:1700,1700
numeric_gt 1720:1700,1700
numeric_inc 1764:1700
numeric_larger 1767:1700,1700
numeric_le 1723:1700,1700
numeric_ln 1735:1700
numeric_log 1737:1700,1700
numeric_lt 1722:1700,1700
numeric_mod 1729:1700,1700
numeric_mul 1726:1700,1700
numeric_ne 1719:1700,1700
numeric_out 1702:1700
numeric_power 1739:1700,1700
numeric_send 2461:1700
numeric_smaller 1766:1700,1700
numeric_sqrt 1731:1700
numeric_sub 1725:1700,1700
numeric_uminus 1771:1700
numeric_uplus 1915:1700
numerictypmodout 2918:23
nummultirange 4283:
numrange 3844:1700,1700 3845:1700,1700,25
numrange_subdiff 3924:1700,1700
obj_description 1215:26,19 1348:26
octet_length 720:17 1374:25 1375:1042 1682:1560
oid 1287:20
oideq 184:26,26
oidge 1639:26,26
oidgt 1638:26,26
oidlarger 1965:26,26
oidle 717:26,26
oidlt 716:26,26
oidne 185:26,26
oidout 1799:26
oidsend 2419:26
oidsmaller 1966:26,26
oidvectoreq 679:30,30
oidvectorge 680:30,30
oidvectorgt 681:30,30
oidvectorle 678:30,30
oidvectorlt 677:30,30
oidvectorne 619:30,30
oidvectorout 55:30
oidvectorsend 2421:30
oidvectortypes 1349:30
overlaps 1271:1266,1266,1266,1266 1304:1184,1184,1184,1184 1305:1184,1186,1184,1186 1306:1184,1184,1184,1186 1307:1184,1186,1184,1184 1308:1083,1083,1083,1083 1309:1083,1186,1083,1186 1310:1083,1083,1083,1186 1311:1083,1186,1083,1083 2041:1114,1114,1114,1114 2042:1114,1186,1114,1186 2043:1114,1114,1114,1186 2044:1114,1186,1114,1114
overlay 749:17,17,23,23 752:17,17,23 1404:25,25,23,23 1405:25,25,23 3030:1560,1560,23,23 3031:1560,1560,23
parse_ident 1268:25,16
percent_rank 3103: 3988:2276
percentile_cont 3974:701,701 3976:701,1186 3980:1022,701 3982:1022,1186
percentile_disc 3972:701,2283 3978:1022,2283
pg_advisory_lock 2880:20 2886:23,23
pg_advisory_lock_shared 2881:20 2887:23,23
pg_advisory_unlock 2884:20 2890:23,23
pg_advisory_unlock_all 2892:
pg_advisory_unlock_shared 2885:20 2891:23,23
pg_advisory_xact_lock 3089:20 3093:23,23
pg_advisory_xact_lock_shared 3090:20 3094:23,23
pg_available_extension_versions 3083:
pg_available_extensions 3082:
pg_backend_pid 2026:
pg_backup_start 2172:25,16
pg_backup_stop 2739:16
pg_blocking_pids 2561:23
pg_cancel_backend 2171:23
pg_char_to_encoding 1264:19
pg_client_encoding 810:
pg_collation_actual_version 3448:26
pg_collation_for 3162:2276
pg_collation_is_visible 3815:26
pg_column_compression 2121:2276
pg_column_is_updatable 3843:2205,21,16
pg_column_size 1269:2276
pg_conf_load_time 2034:
pg_config 3400:
pg_conversion_is_visible 2093:26
pg_copy_logical_replication_slot 4222:19,19,16,19 4223:19,19,16 4224:19,19
pg_copy_physical_replication_slot 4220:19,19,16 4221:19,19
pg_create_logical_replication_slot 3786:19,19,16,16
pg_create_physical_replication_slot 3779:19,16,16
pg_create_restore_point 3098:25
pg_current_logfile 3800: 3801:25
pg_current_snapshot 5061:
pg_current_wal_flush_lsn 3330:
pg_current_wal_insert_lsn 2852:
pg_current_wal_lsn 2849:
pg_current_xact_id 5059:
pg_current_xact_id_if_assigned 5060:
pg_cursor 2511:
pg_database_collation_actual_version 6249:26
pg_database_size 2168:19 2324:26
pg_describe_object 3537:26,26,23
pg_drop_replication_slot 3780:19
pg_encoding_max_length 2319:23
pg_encoding_to_char 1597:23
pg_event_trigger_ddl_commands 4568:
pg_event_trigger_dropped_objects 3566:
pg_event_trigger_table_rewrite_oid 4566:
pg_event_trigger_table_rewrite_reason 4567:
pg_export_snapshot 3809:
pg_extension_config_dump 3086:2205,25
pg_extension_update_paths 3084:19
pg_filenode_relation 3454:26,26
pg_function_is_visible 2081:26
pg_get_backend_memory_contexts 2282:
pg_get_catalog_foreign_keys 6159:
pg_get_constraintdef 1387:26 2508:26,16
pg_get_function_arg_default 3808:26,23
pg_get_function_arguments 2162:26
pg_get_function_identity_arguments 2232:26
pg_get_function_result 2165:26
pg_get_function_sqlbody 6197:26
pg_get_functiondef 2098:26
pg_get_indexdef 1643:26 2507:26,23,16
pg_get_keywords 1686:
pg_get_multixact_members 3819:28
pg_get_object_address 3954:25,1009,1009
pg_get_partition_constraintdef 3408:26
pg_get_partkeydef 3352:26
pg_get_publication_tables 6119:25
pg_get_replica_identity_index 6120:2205
pg_get_replication_slots 3781:
pg_get_ruledef 1573:26 2504:26,16
pg_get_serial_sequence 1665:25,25
pg_get_shmem_allocations 5052:
pg_get_statisticsobjdef 3415:26
pg_get_statisticsobjdef_columns 6174:26
pg_get_statisticsobjdef_expressions 6173:26
pg_get_triggerdef 1662:26 2730:26,16
pg_get_userbyid 1642:26
pg_get_viewdef 1640:25 1641:26 2505:25,16 2506:26,16 3159:26,23
pg_get_wal_replay_pause_state 1137:
pg_get_wal_resource_managers 6224:
pg_has_role 2705:19,19,25 2706:19,26,25 2707:26,19,25 2708:26,26,25 2709:19,25 2710:26,25
pg_hba_file_rules 3401:
pg_ident_file_mappings 6250:
pg_identify_object 3839:26,26,23
pg_identify_object_as_address 3382:26,26,23
pg_index_column_has_property 638:2205,23,25
pg_index_has_property 637:2205,25
pg_indexam_has_property 636:26,25
pg_indexam_progress_phasename 676:26,20
pg_indexes_size 2998:2205
pg_is_in_recovery 3810:
pg_is_other_temp_schema 2855:26
pg_is_wal_replay_paused 3073:
pg_isolation_test_session_is_blocked 3378:23,1007
pg_jit_available 315:
pg_last_committed_xact 3583:
pg_last_wal_receive_lsn 3820:
pg_last_wal_replay_lsn 3821:
pg_last_xact_replay_timestamp 3830:
pg_listening_channels 3035:
pg_lock_status 1371:
pg_log_backend_memory_contexts 4543:23
pg_ls_archive_statusdir 5031:
pg_ls_dir 2625:25 3297:25,16,16
pg_ls_logdir 3353:
pg_ls_logicalmapdir 6271:
pg_ls_logicalsnapdir 6270:
pg_ls_replslotdir 6272:25
pg_ls_tmpdir 5029: 5030:26
pg_ls_waldir 3354:
pg_lsn 6103:1700
pg_my_temp_schema 2854:
pg_nextoid 275:2205,19,2205
pg_notification_queue_usage 3296:
pg_notify 3036:25,25
pg_opclass_is_visible 2083:26
pg_operator_is_visible 2082:26
pg_opfamily_is_visible 3829:26
pg_options_to_table 2289:1009
pg_partition_ancestors 3425:2205
pg_partition_root 3424:2205
pg_partition_tree 3423:2205
pg_postmaster_start_time 2560:
pg_prepared_statement 2510:
pg_prepared_xact 1065:
pg_promote 3436:16,23
pg_read_binary_file 3295:25,20,20,16 3827:25,20,20 3828:25
pg_read_file 2624:25,20,20 3293:25,20,20,16 3826:25
pg_read_file_old 4100:25,20,20
pg_relation_filenode 2999:2205
pg_relation_filepath 3034:2205
pg_relation_is_publishable 6121:2205
pg_relation_is_updatable 3842:2205,16
pg_relation_size 2325:2205 2332:2205,25
pg_reload_conf 2621:
pg_rotate_logfile 2622:
pg_rotate_logfile_old 4099:
pg_safe_snapshot_blocking_pids 3376:23
pg_sequence_last_value 4032:2205
pg_sequence_parameters 3078:26
pg_settings_get_flags 6240:25
pg_show_all_file_settings 3329:
pg_show_all_settings 2084:
pg_show_replication_origin_status 6014:
pg_size_bytes 3334:25
pg_size_pretty 2288:20 3166:1700
pg_sleep 2626:701
pg_sleep_for 3935:1186
pg_sleep_until 3936:1184
pg_stat_clear_snapshot 2230:
pg_stat_file 2623:25 3307:25,16
pg_stat_force_next_flush 2137:
pg_stat_get_activity 2022:23
pg_stat_get_analyze_count 3056:26
pg_stat_get_archiver 3195:
pg_stat_get_autoanalyze_count 3057:26
pg_stat_get_autovacuum_count 3055:26
pg_stat_get_backend_activity 1940:23
pg_stat_get_backend_activity_start 2094:23
pg_stat_get_backend_client_addr 1392:23
pg_stat_get_backend_client_port 1393:23
pg_stat_get_backend_dbid 1938:23
pg_stat_get_backend_idset 1936:
pg_stat_get_backend_pid 1937:23
pg_stat_get_backend_start 1391:23
pg_stat_get_backend_userid 1939:23
pg_stat_get_backend_wait_event 2853:23
pg_stat_get_backend_wait_event_type 2788:23
pg_stat_get_backend_xact_start 2857:23
pg_stat_get_bgwriter_buf_written_checkpoints 2771:
pg_stat_get_bgwriter_buf_written_clean 2772:
pg_stat_get_bgwriter_maxwritten_clean 2773:
pg_stat_get_bgwriter_requested_checkpoints 2770:
pg_stat_get_bgwriter_stat_reset_time 3075:
pg_stat_get_bgwriter_timed_checkpoints 2769:
pg_stat_get_blocks_fetched 1934:26
pg_stat_get_blocks_hit 1935:26
pg_stat_get_buf_alloc 2859:
pg_stat_get_buf_fsync_backend 3063:
pg_stat_get_buf_written_backend 2775:
pg_stat_get_checkpoint_sync_time 3161:
pg_stat_get_checkpoint_write_time 3160:
pg_stat_get_db_active_time 6186:26
pg_stat_get_db_blk_read_time 2844:26
pg_stat_get_db_blk_write_time 2845:26
pg_stat_get_db_blocks_fetched 1944:26
pg_stat_get_db_blocks_hit 1945:26
pg_stat_get_db_checksum_failures 3426:26
pg_stat_get_db_checksum_last_failure 3428:26
pg_stat_get_db_conflict_all 3070:26
pg_stat_get_db_conflict_bufferpin 3068:26
pg_stat_get_db_conflict_lock 3066:26
pg_stat_get_db_conflict_snapshot 3067:26
pg_stat_get_db_conflict_startup_deadlock 3069:26
pg_stat_get_db_conflict_tablespace 3065:26
pg_stat_get_db_deadlocks 3152:26
pg_stat_get_db_idle_in_transaction_time 6187:26
pg_stat_get_db_numbackends 1941:26
pg_stat_get_db_session_time 6185:26
pg_stat_get_db_sessions 6188:26
pg_stat_get_db_sessions_abandoned 6189:26
pg_stat_get_db_sessions_fatal 6190:26
pg_stat_get_db_sessions_killed 6191:26
pg_stat_get_db_stat_reset_time 3074:26
pg_stat_get_db_temp_bytes 3151:26
pg_stat_get_db_temp_files 3150:26
pg_stat_get_db_tuples_deleted 2762:26
pg_stat_get_db_tuples_fetched 2759:26
pg_stat_get_db_tuples_inserted 2760:26
pg_stat_get_db_tuples_returned 2758:26
pg_stat_get_db_tuples_updated 2761:26
pg_stat_get_db_xact_commit 1942:26
pg_stat_get_db_xact_rollback 1943:26
pg_stat_get_dead_tuples 2879:26
pg_stat_get_function_calls 2978:26
pg_stat_get_function_self_time 2980:26
pg_stat_get_function_total_time 2979:26
pg_stat_get_ins_since_vacuum 5053:26
pg_stat_get_last_analyze_time 2783:26
pg_stat_get_last_autoanalyze_time 2784:26
pg_stat_get_last_autovacuum_time 2782:26
pg_stat_get_last_vacuum_time 2781:26
pg_stat_get_live_tuples 2878:26
pg_stat_get_mod_since_analyze 3177:26
pg_stat_get_numscans 1928:26
pg_stat_get_progress_info 3318:25
pg_stat_get_recovery_prefetch 6248:
pg_stat_get_replication_slot 6169:25
pg_stat_get_slru 2306:
pg_stat_get_snapshot_timestamp 3788:
pg_stat_get_subscription 6118:26
pg_stat_get_subscription_stats 6231:26
pg_stat_get_tuples_deleted 1933:26
pg_stat_get_tuples_fetched 1930:26
pg_stat_get_tuples_hot_updated 1972:26
pg_stat_get_tuples_inserted 1931:26
pg_stat_get_tuples_returned 1929:26
pg_stat_get_tuples_updated 1932:26
pg_stat_get_vacuum_count 3054:26
pg_stat_get_wal 1136:
pg_stat_get_wal_receiver 3317:
pg_stat_get_wal_senders 3099:
pg_stat_get_xact_blocks_fetched 3044:26
pg_stat_get_xact_blocks_hit 3045:26
pg_stat_get_xact_function_calls 3046:26
pg_stat_get_xact_function_self_time 3048:26
pg_stat_get_xact_function_total_time 3047:26
pg_stat_get_xact_numscans 3037:26
pg_stat_get_xact_tuples_deleted 3042:26
pg_stat_get_xact_tuples_fetched 3039:26
pg_stat_get_xact_tuples_hot_updated 3043:26
pg_stat_get_xact_tuples_inserted 3040:26
pg_stat_get_xact_tuples_returned 3038:26
pg_stat_get_xact_tuples_updated 3041:26
pg_stat_have_stats 6230:25,26,26
pg_stat_reset 2274:
pg_stat_reset_replication_slot 6170:25
pg_stat_reset_shared 3775:25
pg_stat_reset_single_function_counters 3777:26
pg_stat_reset_single_table_counters 3776:26
pg_stat_reset_slru 2307:25
pg_stat_reset_subscription_stats 6232:26
pg_statistics_obj_is_visible 3403:26
pg_stop_making_pinned_objects 6241:
pg_switch_wal 2848:
pg_table_is_visible 2079:26
pg_table_size 2997:2205
pg_tablespace_databases 2556:26
pg_tablespace_location 3778:26
pg_tablespace_size 2322:26 2323:19
pg_terminate_backend 2096:23,20
pg_timezone_abbrevs 2599:
pg_timezone_names 2856:
pg_total_relation_size 2286:2205
pg_trigger_depth 3163:
pg_try_advisory_lock 2882:20 2888:23,23
pg_try_advisory_lock_shared 2883:20 2889:23,23
pg_try_advisory_xact_lock 3091:20 3095:23,23
pg_try_advisory_xact_lock_shared 3092:20 3096:23,23
pg_ts_config_is_visible 3758:26
pg_ts_dict_is_visible 3757:26
pg_ts_parser_is_visible 3756:26
pg_ts_template_is_visible 3768:26
pg_type_is_visible 2080:26
pg_typeof 1619:2276
pg_wal_replay_pause 3071:
pg_wal_replay_resume 3072:
pg_xact_commit_timestamp 3581:28
pg_xact_commit_timestamp_origin 6168:28
pg_xact_status 5066:5069
phraseto_tsquery 5001:25 5006:3734,25
pi 1610:
plainto_tsquery 3747:3734,25 3751:25
plpgsql_call_handler 13560:
plpgsql_validator 13562:26
point 1440:701,701
position 849:25,25 1698:1560,1560 2014:17,17
postgresql_fdw_validator 2316:1009,26
pow 1346:701,701 1738:1700,1700
power 1368:701,701 2169:1700,1700
query_to_xml 2924:25,16,16,25
query_to_xml_and_xmlschema 2930:25,16,16,25
query_to_xmlschema 2927:25,16,16,25
quote_ident 1282:25
quote_literal 1283:25 1285:2283
quote_nullable 1289:25 1290:2283
radians 1609:701
random 1598:
rank 3101: 3986:2276
record_eq 2981:2249,2249
record_ge 2986:2249,2249
record_gt 2984:2249,2249
record_image_eq 3181:2249,2249
record_image_ge 3186:2249,2249
record_image_gt 3184:2249,2249
record_image_le 3185:2249,2249
record_image_lt 3183:2249,2249
record_image_ne 3182:2249,2249
record_le 2985:2249,2249
record_lt 2983:2249,2249
record_ne 2982:2249,2249
record_out 2291:2249
record_send 2403:2249
regclass 1079:25
regclassout 2219:2205
regclasssend 2453:2205
regconfigout 3737:3734
regconfigsend 3739:3734
regdictionaryout 3772:3769
regdictionarysend 3774:3769
regexp_count 6254:25,25 6255:25,25,23 6256:25,25,23,25
regexp_instr 6257:25,25 6258:25,25,23 6259:25,25,23,23 6260:25,25,23,23,23 6261:25,25,23,23,23,25 6262:25,25,23,23,23,25,23
regexp_like 6263:25,25 6264:25,25,25
regexp_match 3396:25,25 3397:25,25,25
regexp_matches 2763:25,25 2764:25,25,25
regexp_replace 2284:25,25,25 2285:25,25,25,25 6251:25,25,25,23,23,25 6252:25,25,25,23,23 6253:25,25,25,23
regexp_split_to_array 2767:25,25 2768:25,25,25
regexp_split_to_table 2765:25,25 2766:25,25,25
regexp_substr 6265:25,25 6266:25,25,23 6267:25,25,23,23 6268:25,25,23,23,25 6269:25,25,23,23,25,23
regnamespaceout 4085:4089
regnamespacesend 4088:4089
regoperatorout 2217:2204
regoperatorsend 2451:2204
regoperout 2215:2203
regopersend 2449:2203
regprocedureout 2213:2202
regproceduresend 2447:2202
regprocout 45:24
regprocsend 2445:24
regr_avgx 2822:701,701
regr_avgy 2823:701,701
regr_count 2818:701,701
regr_intercept 2826:701,701
regr_r2 2824:701,701
regr_slope 2825:701,701
regr_sxx 2819:701,701
regr_sxy 2821:701,701
regr_syy 2820:701,701
regroleout 4092:4096
regrolesend 4095:4096
regtypeout 2221:2206
regtypesend 2455:2206
repeat 1622:25,23
replace 2087:25,25,25
reverse 3062:25
right 3061:25,23
round 1342:701 1707:1700,23 1708:1700
row_number 3100:
row_security_active 3298:26 3299:25
row_to_json 3155:2249 3156:2249,16
rpad 874:25,23,25 880:25,23
rtrim 876:25,25 882:25 6196:17,17
satisfies_hash_partition 5028:26,23,23,2276
scale 3281:1700
schema_to_xml 2933:19,16,16,25
schema_to_xml_and_xmlschema 2935:19,16,16,25
schema_to_xmlschema 2934:19,16,16,25
session_user 746:
set_bit 724:17,20,23 3033:1560,23,23
set_byte 722:17,23,23
set_config 2078:25,25,16
setseed 1599:701
setval 1576:2205,20 1765:2205,20,16
sha224 3419:17
sha256 3420:17
sha384 3421:17
sha512 3422:17
shell_out 2399:2278
shobj_description 1993:26,19
sign 1706:1700 2310:701
similar_escape 1623:25,25
similar_to_escape 1986:25,25 1987:25
sin 1604:701
sind 2735:701
sinh 2462:701
split_part 2088:25,25,23
sqrt 1344:701 1730:1700
starts_with 3696:25,25
statement_timestamp 2648:
stddev 2154:20 2155:23 2156:21 2157:700 2158:701 2159:1700
stddev_pop 2724:20 2725:23 2726:21 2727:700 2728:701 2729:1700
stddev_samp 2712:20 2713:23 2714:21 2715:700 2716:701 2717:1700
string_agg 3538:25,25 3545:17,17
string_to_array 376:25,25,25 394:25,25
string_to_table 6160:25,25 6161:25,25,25
strpos 868:25,25
substr 877:25,23,23 883:25,23 2085:17,23,23 2086:17,23
substring 936:25,23,23 937:25,23 1680:1560,23,23 1699:1560,23 2012:17,23,23 2013:17,23 2073:25,25 2074:25,25,25
sum 2107:20 2108:23 2109:21 2110:700 2111:701 2113:1186 2114:1700
suppress_redundant_updates_trigger 1291:
table_to_xml 2923:2205,16,16,25
table_to_xml_and_xmlschema 2929:2205,16,16,25
table_to_xmlschema 2926:2205,16,16,25
tan 1606:701
tand 2737:701
tanh 2464:701
text 401:1042 406:19 946:18 2971:16
text_ge 743:25,25
text_gt 742:25,25
text_larger 458:25,25
text_le 741:25,25
text_lt 740:25,25
text_pattern_ge 2163:25,25
text_pattern_gt 2164:25,25
text_pattern_le 2161:25,25
text_pattern_lt 2160:25,25
text_smaller 459:25,25
textanycat 2003:25,2776
textcat 1258:25,25
texteq 67:25,25
texteqname 247:25,19
textgename 250:25,19
textgtname 251:25,19
texticlike 1633:25,25
texticnlike 1634:25,25
texticregexeq 1238:25,25
texticregexne 1239:25,25
textlen 1257:25
textlename 249:25,19
textlike 850:25,25
textltname 248:25,19
textne 157:25,25
textnename 252:25,19
textnlike 851:25,25
textout 47:25
textregexeq 1254:25,25
textregexne 1256:25,25
textsend 2415:25
tideq 1292:27,27
tidge 2792:27,27
tidgt 2790:27,27
tidlarger 2795:27,27
tidle 2793:27,27
tidlt 2791:27,27
tidne 1265:27,27
tidout 49:27
tidsend 2439:27
tidsmaller 2796:27,27
time 1316:1114 1419:1186 1968:1083,23 2019:1184 2046:1266
time_cmp 1107:1083,1083
time_eq 1145:1083,1083
time_ge 1105:1083,1083
time_gt 1104:1083,1083
time_hash 1688:1083
time_hash_extended 3409:1083,20
time_larger 1377:1083,1083
time_le 1103:1083,1083
time_lt 1102:1083,1083
time_mi_interval 1748:1083,1186
time_mi_time 1690:1083,1083
time_ne 1106:1083,1083
time_out 1144:1083
time_pl_interval 1747:1083,1186
time_send 2471:1083
time_smaller 1378:1083,1083
timedate_pl 1296:1083,1082
timeofday 274:
timestamp 1961:1114,23 2024:1082 2025:1082,1083 2027:1184
timestamp_cmp 2045:1114,1114
timestamp_cmp_date 2370:1114,1082
timestamp_cmp_timestamptz 2526:1114,1184
timestamp_eq 2052:1114,1114
timestamp_eq_date 2366:1114,1082
timestamp_eq_timestamptz 2522:1114,1184
timestamp_ge 2056:1114,1114
timestamp_ge_date 2368:1114,1082
timestamp_ge_timestamptz 2524:1114,1184
timestamp_gt 2057:1114,1114
timestamp_gt_date 2367:1114,1082
timestamp_gt_timestamptz 2523:1114,1184
timestamp_hash 2039:1114
timestamp_hash_extended 3411:1114,20
timestamp_larger 2036:1114,1114
timestamp_le 2055:1114,1114
timestamp_le_date 2365:1114,1082
timestamp_le_timestamptz 2521:1114,1184
timestamp_lt 2054:1114,1114
timestamp_lt_date 2364:1114,1082
timestamp_lt_timestamptz 2520:1114,1184
timestamp_mi 2031:1114,1114
timestamp_mi_interval 2033:1114,1186
timestamp_ne 2053:1114,1114
timestamp_ne_date 2369:1114,1082
timestamp_ne_timestamptz 2525:1114,1184
timestamp_out 1313:1114
timestamp_pl_interval 2032:1114,1186
timestamp_send 2475:1114
timestamp_smaller 2035:1114,1114
timestamptypmodout 2906:23
timestamptz 1174:1082 1176:1082,1083 1359:1082,1266 1967:1184,23 2028:1114
timestamptz_cmp 1314:1184,1184
timestamptz_cmp_date 2383:1184,1082
timestamptz_cmp_timestamp 2533:1184,1114
timestamptz_eq 1152:1184,1184
timestamptz_eq_date 2379:1184,1082
timestamptz_eq_timestamp 2529:1184,1114
timestamptz_ge 1156:1184,1184
timestamptz_ge_date 2381:1184,1082
timestamptz_ge_timestamp 2531:1184,1114
timestamptz_gt 1157:1184,1184
timestamptz_gt_date 2380:1184,1082
timestamptz_gt_timestamp 2530:1184,1114
timestamptz_larger 1196:1184,1184
timestamptz_le 1155:1184,1184
timestamptz_le_date 2378:1184,1082
timestamptz_le_timestamp 2528:1184,1114
timestamptz_lt 1154:1184,1184
timestamptz_lt_date 2377:1184,1082
timestamptz_lt_timestamp 2527:1184,1114
timestamptz_mi 1188:1184,1184
timestamptz_mi_interval 1190:1184,1186
timestamptz_ne 1153:1184,1184
timestamptz_ne_date 2382:1184,1082
timestamptz_ne_timestamp 2532:1184,1114
timestamptz_out 1151:1184
timestamptz_pl_interval 1189:1184,1186
timestamptz_send 2477:1184
timestamptz_smaller 1195:1184,1184
timestamptztypmodout 2908:23
timetypmodout 2910:23
timetz 1388:1184 1969:1266,23 2047:1083
timetz_cmp 1358:1266,1266
timetz_eq 1352:1266,1266
timetz_ge 1356:1266,1266
timetz_gt 1357:1266,1266
timetz_hash 1696:1266
timetz_hash_extended 3410:1266,20
timetz_larger 1379:1266,1266
timetz_le 1355:1266,1266
timetz_lt 1354:1266,1266
timetz_mi_interval 1750:1266,1186
timetz_ne 1353:1266,1266
timetz_out 1351:1266
timetz_pl_interval 1749:1266,1186
timetz_send 2473:1266
timetz_smaller 1380:1266,1266
timetzdate_pl 1298:1266,1082
timetztypmodout 2912:23
timezone 1026:1186,1184 1159:25,1184 2037:25,1266 2038:1186,1266 2069:25,1114 2070:1186,1114
to_ascii 1845:25 1846:25,23 1847:25,19
to_char 1768:1186,25 1770:1184,25 1772:1700,25 1773:23,25 1774:20,25 1775:700,25 1776:701,25 2049:1114,25
to_date 1780:25,25
to_hex 2089:23 2090:20
to_json 3176:2283
to_jsonb 3787:2283
to_number 1777:25,25
to_regclass 3495:25
to_regcollation 4195:25
to_regnamespace 4086:25
to_regoper 3492:25
to_regoperator 3476:25
to_regproc 3494:25
to_regprocedure 3479:25
to_regrole 4093:25
to_regtype 3493:25
to_timestamp 1158:701 1778:25,25
to_tsquery 3746:3734,25 3750:25
to_tsvector 3745:3734,25 3749:25 4209:3802 4210:114 4211:3734,3802 4212:3734,114
transaction_timestamp 2647:
translate 878:25,25,25
trim_array 6172:2277,23
trim_scale 5043:1700
trunc 1343:701 1709:1700,23 1710:1700
tsmultirange 4286:
tsrange 3933:1114,1114 3934:1114,1114,25
tsrange_subdiff 3929:1114,1114
tstzmultirange 4289:
tstzrange 3937:1184,1184 3938:1184,1184,25
tstzrange_subdiff 3930:1184,1184
tsvector_update_trigger 3752:
tsvector_update_trigger_column 3753:
txid_current 2943:
txid_current_if_assigned 3348:
txid_current_snapshot 2944:
txid_status 3360:20
unique_key_recheck 1250:
unistr 6198:25
unknownout 110:705
unknownsend 2417:705
unnest 2331:2277
upper 871:25
uuid_cmp 2960:2950,2950
uuid_eq 2956:2950,2950
uuid_ge 2957:2950,2950
uuid_gt 2958:2950,2950
uuid_hash 2963:2950
uuid_hash_extended 3412:2950,20
uuid_le 2955:2950,2950
uuid_lt 2954:2950,2950
uuid_ne 2959:2950,2950
uuid_out 2953:2950
uuid_send 2962:2950
var_pop 2718:20 2719:23 2720:21 2721:700 2722:701 2723:1700
var_samp 2641:20 2642:23 2643:21 2644:700 2645:701 2646:1700
varbit 1687:1562,23,16
varbit_out 1580:1562
varbit_send 2459:1562
varbitcmp 1672:1562,1562
varbiteq 1666:1562,1562
varbitge 1668:1562,1562
varbitgt 1669:1562,1562
varbitle 1670:1562,1562
varbitlt 1671:1562,1562
varbitne 1667:1562,1562
varbittypmodout 2921:23
varchar 669:1043,23,16 1401:19
varcharout 1047:1043
varcharsend 2433:1043
varchartypmodout 2916:23
variance 2148:20 2149:23 2150:21 2151:700 2152:701 2153:1700
version 89:
void_out 2299:2278
void_send 3121:2278
websearch_to_tsquery 5007:3734,25 5009:25
width_bucket 320:701,701,701,23 2170:1700,1700,1700,23 3218:5077,5078
xid 5071:5069
xid8_larger 5097:5069,5069
xid8_smaller 5098:5069,5069
xid8cmp 5096:5069,5069
xid8eq 5084:5069,5069
xid8ge 5037:5069,5069
xid8gt 5035:5069,5069
xid8le 5036:5069,5069
xid8lt 5034:5069,5069
xid8ne 5085:5069,5069
xid8out 5081:5069
xid8send 5083:5069
xideq 68:28,28
xideqint4 1319:28,23
xidneq 3308:28,28
xidneqint4 3309:28,23
xidout 51:28
xidsend 2441:28
xml 2896:25
xml_is_well_formed 3051:25
xml_is_well_formed_content 3053:25
xml_is_well_formed_document 3052:25
xmlcomment 2895:25
""";
}

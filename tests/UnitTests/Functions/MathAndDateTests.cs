namespace Chitin.UnitTests.Functions;

/// <summary>Mathematical functions, dates, templates.</summary>
public sealed class MathAndDateTests
{
    [Fact]
    public void Numbers() => FunctionCases.Check("""
        2 ^ 10 ⇒ 1024
        sind(30) ⇒ 0.5
        cosd(60) ⇒ 0.5
        tand(45) ⇒ 1
        cotd(45) ⇒ 1
        asind(0.5) ⇒ 30
        acosd(-0.5) ⇒ 120
        atand(1) ⇒ 45
        atan2d(1,1) ⇒ 45
        sqrt(-1) ⇒ error 2201F
        sqrt(2) ⇒ 1.4142135623730951
        sqrt(2.0) ⇒ 1.414213562373095
        sqrt(2::numeric) ⇒ 1.414213562373095
        exp(1.0) ⇒ 2.7182818284590452
        exp(1::float8) ⇒ 2.718281828459045
        ln(2.0) ⇒ 0.6931471805599453
        ln(0) ⇒ error 2201E
        log(100.0) ⇒ 2.0000000000000000
        log(2.0, 64.0) ⇒ 6.0000000000000000
        power(2, 0.5) ⇒ 1.4142135623730950
        power(2.0, 10) ⇒ 1024.0000000000000000
        power(9, 0.5) ⇒ 3.0000000000000000
        round(2.5) ⇒ 3
        round(2.5::float8) ⇒ 2
        round(3.14159, 2) ⇒ 3.14
        round(-2.5) ⇒ -3
        round(12345.678, -2) ⇒ 12300
        trunc(2.567, 1) ⇒ 2.5
        trunc(-2.5) ⇒ -2
        ceil(2.1) ⇒ 3
        floor(-2.1) ⇒ -3
        sign(-5) ⇒ -1
        abs(-7) ⇒ 7
        mod(7, 3) ⇒ 1
        div(7, 2) ⇒ 3
        gcd(12, 18) ⇒ 6
        lcm(4, 6) ⇒ 12
        factorial(20) ⇒ 2432902008176640000
        factorial(-1) ⇒ error 22003
        width_bucket(5.35, 0.024, 10.06, 5) ⇒ 3
        width_bucket(3, '{1,3,4,5}'::int4[]) ⇒ 2
        scale(8.4100) ⇒ 4
        min_scale(8.4100) ⇒ 2
        power(2.0, 10) ⇒ 1024.0000000000000000
        power(10.0, -5) ⇒ 0.0000100000000000
        power(1.5, 100) ⇒ 406561177535215237.3972797075670417
        power(0.5, 3) ⇒ 0.1250000000000000
        power(2.0, -3) ⇒ 0.1250000000000000
        power(3.14159, 2) ⇒ 9.8695877281000000
        power(7::numeric, 20) ⇒ 79792266297612001.0000000000000000
        power(2.0, 0.3) ⇒ 1.2311444133449163
        power(123.456, 1.5) ⇒ 1371.7289437796434
        power(10.0, 100) ⇒ 10000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000.0000000000000000
        power(0.1, 30) ⇒ 0.0000000000000000
        sqrt(144.0) ⇒ 12.000000000000000
        sqrt(0.0001) ⇒ 0.01000000000000000
        sqrt(12345678901234567890.0) ⇒ 3513641828.8201443
        exp(0.5) ⇒ 1.6487212707001281
        exp(10.0) ⇒ 22026.465794806717
        exp(-5.0) ⇒ 0.006737946999085467
        exp(100.0) ⇒ 26881171418161354484126255515800135873611118.8
        ln(10.0) ⇒ 2.3025850929940457
        ln(0.001) ⇒ -6.9077552789821371
        ln(123456789.0) ⇒ 18.631401766168018
        log(2.0) ⇒ 0.3010299956639812
        log(10.0, 2.0) ⇒ 0.3010299956639812
        log(0.5) ⇒ -0.3010299956639812
        log(3.0, 1000.0) ⇒ 6.2877098228681538
        1 / 7.0 ⇒ 0.14285714285714285714
        100000.0 / 3 ⇒ 33333.333333333333
        0.00001 / 3 ⇒ 0.000003333333333333333333
        1.0 / 1000000 ⇒ 0.000001000000000000000000
        123456789.123 / 0.001 ⇒ 123456789123.00000000
        """);

    [Fact]
    public void Dates_and_times() => FunctionCases.Check("""
        date_trunc('hour', '2001-02-16 20:38:40'::timestamp) ⇒ 2001-02-16 20:00:00
        date_trunc('week', '2001-02-16 20:38:40'::timestamp) ⇒ 2001-02-12 00:00:00
        date_trunc('decade', '2001-02-16 20:38:40'::timestamp) ⇒ 2000-01-01 00:00:00
        date_trunc('century', '2001-02-16 20:38:40'::timestamp) ⇒ 2001-01-01 00:00:00
        date_trunc('foo', '2001-02-16 20:38:40'::timestamp) ⇒ error 22023
        date_trunc('day', '2001-02-16 20:38:40+00'::timestamptz) ⇒ 2001-02-16 00:00:00+00
        date_trunc('day', '2001-02-16 20:38:40+00'::timestamptz, 'America/New_York') ⇒ 2001-02-16 05:00:00+00
        date_trunc('hour', '3 days 02:47:33'::interval) ⇒ 3 days 02:00:00
        date_bin('15 minutes', '2020-02-11 15:44:17'::timestamp, '2001-01-01'::timestamp) ⇒ 2020-02-11 15:30:00
        extract('year', '2001-02-16 20:38:40'::timestamp) ⇒ 2001
        extract('second', '2001-02-16 20:38:40.123'::timestamp) ⇒ 40.123000
        extract('epoch', '2001-02-16 20:38:40.12'::timestamp) ⇒ 982355920.120000
        extract('dow', '2001-02-16'::date) ⇒ 5
        extract('isodow', '2001-02-18'::date) ⇒ 7
        extract('doy', '2001-02-16'::date) ⇒ 47
        extract('week', '2001-02-16'::date) ⇒ 7
        extract('julian', '2001-02-16'::date) ⇒ 2451957
        extract('julian', '2001-02-16 12:00'::timestamp) ⇒ 2451957.50000000000000000000
        extract('hour', '2001-02-16'::date) ⇒ error 0A000
        extract('century', '0001-12-31 BC'::date) ⇒ -1
        extract('epoch', '1 year 2 days 03:04:05.6'::interval) ⇒ 31741445.600000
        extract('quarter', '5 months'::interval) ⇒ 2
        extract('milliseconds', '00:00:28.5'::time) ⇒ 28500.000
        date_part('epoch', '2001-02-16 20:38:40+00'::timestamptz) ⇒ 982355920
        date_part('timezone', '2001-02-16 20:38:40+00'::timestamptz) ⇒ 0
        age('2001-04-10'::timestamp, '1957-06-13'::timestamp) ⇒ 43 years 9 mons 27 days
        age('2001-04-10'::date, '2001-05-13'::date) ⇒ -1 mons -3 days
        make_date(2013, 7, 15) ⇒ 2013-07-15
        make_date(2013, 2, 30) ⇒ error 22008
        make_time(8, 15, 23.5) ⇒ 08:15:23.5
        make_timestamp(2013, 7, 15, 8, 15, 23.5) ⇒ 2013-07-15 08:15:23.5
        make_interval(days => 10) ⇒ 10 days
        make_interval(1, 2, 3, 4, 5, 6, 7.8) ⇒ 1 year 2 mons 25 days 05:06:07.8
        justify_days('35 days'::interval) ⇒ 1 mon 5 days
        justify_hours('27 hours'::interval) ⇒ 1 day 03:00:00
        justify_interval('1 mon -1 hour'::interval) ⇒ 29 days 23:00:00
        isfinite('infinity'::timestamp) ⇒ f
        to_timestamp(1284352323) ⇒ 2010-09-13 04:32:03+00
        timezone('America/Denver', '2001-02-16 20:38:40'::timestamp) ⇒ 2001-02-17 03:38:40+00
        timezone('America/Denver', '2001-02-16 20:38:40+00'::timestamptz) ⇒ 2001-02-16 13:38:40
        timezone('+02'::text, '2001-02-16 20:38:40+00'::timestamptz) ⇒ 2001-02-16 18:38:40
        timezone('2 hours'::interval, '2001-02-16 20:38:40+00'::timestamptz) ⇒ 2001-02-16 22:38:40
        timezone('EST', '2001-02-16 20:38:40+00'::timestamptz) ⇒ 2001-02-16 15:38:40
        timezone('nope', '2001-02-16 20:38:40+00'::timestamptz) ⇒ error 22023
        overlaps('2001-02-16'::timestamp, '2001-12-21'::timestamp, '2001-10-30'::timestamp, '2002-10-30'::timestamp) ⇒ t
        overlaps('2001-02-16'::timestamp, '100 days'::interval, '2001-10-30'::timestamp, '2002-10-30'::timestamp) ⇒ f
        'infinity'::timestamp - '2000-01-01'::timestamp ⇒ error 22008
        '2001-09-28'::date + 7 ⇒ 2001-10-05
        '2001-09-28'::date + '03:00'::time ⇒ 2001-09-28 03:00:00
        '23:00:00'::timestamptz::time - '1 hour'::interval ⇒ error 22007
        900 * '1 second'::interval ⇒ 00:15:00
        '1 hour'::interval / 1.5 ⇒ 00:40:00
        - '23 hours'::interval ⇒ -23:00:00
        '2001-03-31'::date - '1 month'::interval ⇒ 2001-02-28 00:00:00
        """);

    [Fact]
    public void Numbers_are_formatted_by_templates() => FunctionCases.Check("""
        to_char(125, '999') ⇒  125
        to_char(125.8, '999D9') ⇒  125.8
        to_char(-125.8, '999D99S') ⇒ 125.80-
        to_char(-0.1, '99.99') ⇒   -.10
        to_char(-0.1, 'FM9.99') ⇒ -.1
        to_char(-0.1, 'FM90.99') ⇒ -0.1
        to_char(0.1, '0.9') ⇒  0.1
        to_char(12, '9990999.9') ⇒     0012.0
        to_char(12, 'FM9990999.9') ⇒ 0012.
        to_char(485, '999') ⇒  485
        to_char(-485, '999') ⇒ -485
        to_char(485, '9 9 9') ⇒  4 8 5
        to_char(1485, '9,999') ⇒  1,485
        to_char(1485, '9G999') ⇒  1,485
        to_char(148.5, '999.999') ⇒  148.500
        to_char(148.5, 'FM999.999') ⇒ 148.5
        to_char(148.5, 'FM999.990') ⇒ 148.500
        to_char(148.5, '999D999') ⇒  148.500
        to_char(3148.5, '9G999D999') ⇒  3,148.500
        to_char(-485, '999S') ⇒ 485-
        to_char(-485, '999MI') ⇒ 485-
        to_char(485, '999MI') ⇒ 485 
        to_char(485, 'FM999MI') ⇒ 485
        to_char(485, 'PL999') ⇒ + 485
        to_char(485, 'SG999') ⇒ +485
        to_char(-485, 'SG999') ⇒ -485
        to_char(-485, '9SG99') ⇒ 4-85
        to_char(-485, '999PR') ⇒ <485>
        to_char(485, 'L999') ⇒   485
        to_char(485, 'RN') ⇒         CDLXXXV
        to_char(485, 'FMRN') ⇒ CDLXXXV
        to_char(5.2, 'FMRN') ⇒ V
        to_char(482, '999th') ⇒  482nd
        to_char(485, '"Good number:"999') ⇒ Good number: 485
        to_char(485.8, '"Pre:"999" Post:" .999') ⇒ Pre: 485 Post: .800
        to_char(12, '99V999') ⇒  12000
        to_char(12.4, '99V999') ⇒  12400
        to_char(12.45, '99V9') ⇒  125
        to_char(0.0004859, '9.99EEEE') ⇒  4.86e-04
        to_char(1234567, '9.99EEEE') ⇒  1.23e+06
        to_char(12345, '999') ⇒  ###
        to_char(0, '9.9') ⇒   .0
        to_char(0, 'FM9.9') ⇒ 0.
        to_char(1234.5::float8, '9999.99') ⇒  1234.50
        to_char(-1234.5::float8, 'S9999.99') ⇒ -1234.50
        to_char(0, '000') ⇒  000
        to_char(5, 'FM000') ⇒ 005
        to_char(1e10::float8, '99999999999.99') ⇒  10000000000.00
        """);
}

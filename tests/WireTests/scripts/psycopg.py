# Exercises psycopg 2 (libpq): server-side cursors, COPY, adaptation of types. Ends with "ok".
import datetime, decimal, io, os
import psycopg2

connection = psycopg2.connect(host='localhost', port=os.environ['PORT'], user='app', password=os.environ['PASSWORD'], dbname='work', sslmode='verify-full', sslrootcert=os.environ['CA'], channel_binding='require')
with connection:
    with connection.cursor() as c:
        c.execute('CREATE TEMP TABLE p (id int PRIMARY KEY, d date, n numeric(10,2), a int[])')
        c.execute('INSERT INTO p VALUES (%s, %s, %s, %s)', (1, datetime.date(2024, 2, 29), decimal.Decimal('1.50'), [1, 2]))
        c.execute('SELECT * FROM p')
        assert c.fetchone() == (1, datetime.date(2024, 2, 29), decimal.Decimal('1.50'), [1, 2])
        c.copy_expert('COPY p (id, n) FROM STDIN WITH (FORMAT csv)', io.StringIO('2,2.25\n3,3.00\n'))
        out = io.StringIO()
        c.copy_expert('COPY (SELECT id, n FROM p ORDER BY id) TO STDOUT', out)
        assert out.getvalue() == '1\t1.50\n2\t2.25\n3\t3.00\n', out.getvalue()
    with connection.cursor('named') as c:
        c.itersize = 1000
        c.execute('SELECT * FROM generate_series(1, 10000)')
        assert sum(r[0] for r in c) == 50005000
print('ok')

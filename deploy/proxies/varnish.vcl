# For Varnish 7, started with -a /run/varnish/hitch.sock,PROXY -p feature=+http2 behind hitch (hitch.conf), which does TLS.
# Nothing is cached: a status stream would be shared, and a second caller of one URL would wait for the first.
vcl 4.1;

backend default {
    .host = "127.0.0.1";
    .port = "8089";
}

sub vcl_recv {
    return (pass);
}
